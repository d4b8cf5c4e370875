using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace SignerCluster.Actors.Serialization;

/// <summary>
/// In place of Akka's serializer of miscellaneous messages: passes on what members of a cluster say to each other, and refuses the rest. A
/// <see cref="Status.Failure"/> would be made by the constructor of whatever class it names, and a pill ends any actor.
/// </summary>
public sealed class GuardedMiscellaneous(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly HashSet<string> _passed = ["ID", "AID", "AR", "RWHB", "RWHR"];
    private readonly MiscMessageSerializer _inner = new(system);

    public override int Identifier => 16;

    public override string Manifest(object o) => Passed(_inner.Manifest(o));

    public override byte[] ToBinary(object obj)
    {
        _ = Manifest(obj);
        return _inner.ToBinary(obj);
    }

    public override object FromBinary(byte[] bytes, string manifest) => _inner.FromBinary(bytes, Passed(manifest));

    private static string Passed(string manifest) =>
        _passed.Contains(manifest) ? manifest : throw new SerializationException($"A message '{manifest}' of Akka's own does not pass between our nodes.");
}

/// <summary>
/// In place of Akka's serializer of system messages: passes on who watches whom and who has ended. The others are for actors that are deployed or supervised
/// from afar, which ours never are, and carry exceptions by the name of their class.
/// </summary>
public sealed class GuardedSystemMessages(ExtendedActorSystem system) : Serializer(system)
{
    private readonly SystemMessageSerializer _inner = new(system);

    public override int Identifier => 22;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => _inner.ToBinary(Passes(obj.GetType()) ? obj : throw Refused(obj.GetType()));

    public override object FromBinary(byte[] bytes, Type type) => _inner.FromBinary(bytes, Passes(type) ? type : throw Refused(type));

    private static bool Passes(Type type) => type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification);

    private static SerializationException Refused(Type type) => new($"The system message {type.Name} does not pass between our nodes.");
}
