using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace SignerCluster.Actors.Serialization;

/// <summary>
/// Takes the number of one of Akka's own serializers and refuses everything: inbound bytes choose their serializer by number, and those it stands for make any
/// class of this process from them.
/// </summary>
public abstract class Refusing(ExtendedActorSystem system) : Serializer(system)
{
    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj?.GetType()} is no message that may leave this process.");

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("No message is read this way.");
}

/// <summary>In place of JSON by type name.</summary>
public sealed class RefusesJson : Refusing
{
    public RefusesJson(ExtendedActorSystem system, Config config)
        : base(system)
    {
    }

    public override int Identifier => 1;
}

/// <summary>In place of Protobuf by type name.</summary>
public sealed class RefusesProto(ExtendedActorSystem system) : Refusing(system)
{
    public override int Identifier => 2;
}

/// <summary>In place of remote deployment.</summary>
public sealed class RefusesDaemonCreate(ExtendedActorSystem system) : Refusing(system)
{
    public override int Identifier => 3;
}

/// <summary>In place of bare bytes.</summary>
public sealed class RefusesBytes(ExtendedActorSystem system) : Refusing(system)
{
    public override int Identifier => 4;
}
