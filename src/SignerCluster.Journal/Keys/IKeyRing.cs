using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>What reaches the key ring of one journal: its entity, wherever that runs.</summary>
public interface IKeyRing
{
    /// <summary>The code of the fault when this process is stopping and can reach no ring any more.</summary>
    const string StoppedCode = "key_ring_stopped";

    /// <summary>
    /// Asks the ring and waits to the end: a command that was sent is carried out. Throws <see cref="JournalException"/> when the ring does not answer.
    /// </summary>
    ValueTask<KeyRingAnswer> AskAsync(KeyRingCommand command);
}
