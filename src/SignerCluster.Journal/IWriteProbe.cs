using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal;

/// <summary>A journal that can be asked whether it could be written, without appending anything.</summary>
public interface IWriteProbe
{
    /// <summary>Why nothing can be written at the moment, and what to do about it; null when a write succeeds. Never throws but when cancelled.</summary>
    ValueTask<JournalException?> FindWriteFaultAsync(CancellationToken cancellation);
}
