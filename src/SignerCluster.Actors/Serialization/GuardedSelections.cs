using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace SignerCluster.Actors.Serialization;

/// <summary>
/// In place of Akka's serializer of messages to a path: refuses those to other paths than <c>akka.remote.trusted-selection-paths</c>. Akka would drop them as
/// well, but in silence.
/// </summary>
public sealed class GuardedSelections(ExtendedActorSystem system) : Serializer(system)
{
    private readonly HashSet<string> _trusted = [.. system.Settings.Config.GetStringList("akka.remote.trusted-selection-paths", [])];
    private readonly MessageContainerSerializer _inner = new(system);

    public override int Identifier => 6;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => _inner.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type)
    {
        object message = _inner.FromBinary(bytes, type);
        return message is ActorSelectionMessage selection
            && _trusted.Contains($"/{string.Join('/', selection.Elements.Select(static part => part.ToString()))}")
            ? message
            : throw new SerializationException("No message is read that names a path, except to those that members of a cluster need.");
    }
}
