using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>
/// Moves the rings of a cluster node's parties to another provider of the key-encryption key. Nodes may run meanwhile: they go on with the data keys that they
/// have open, and refuse to rotate until they are started again with the new provider. Whoever is interrupted does it again.
/// </summary>
internal static class PartyRewrapping
{
    /// <summary>
    /// Throws <see cref="DataDirectoryException"/>, <see cref="KeyProviderException"/> and <see cref="JournalException"/>. A provider that is refused or does
    /// not answer changes nothing.
    /// </summary>
    internal static async Task<RewrapDocument> RunAsync(NodeSettings node, string document, WorkProgress progress, CancellationToken cancellation)
    {
        List<RewrappedNode> moved = [];
        string kind = string.Empty;
        foreach (RoleSettings role in node.Parties)
        {
            progress.Begin($"Re-wrapping {role.Party}");
            KeyProviderSettings next = KeyProviderSettings.Load(document, role.Party);
            kind = KeyProviders.KindOf(next);
            moved.Add(await MoveAsync(role, node, next, cancellation));
        }

        return new RewrapDocument(kind, moved);
    }

    private static async Task<RewrappedNode> MoveAsync(RoleSettings role, NodeSettings node, KeyProviderSettings next, CancellationToken cancellation)
    {
        KeyId? from = await WrappedUnderAsync(role, node, cancellation);
        bool isMissing = next.Kind == KeyProviderKind.File && !File.Exists(next.Path);
        if (isMissing && from is not null && from != await IdOfAsync(role.Provider, node, cancellation))
        {
            throw new KeyProviderException(
                "key_unavailable",
                $"{role.Party} is not under the key that its configuration names, and {next.Path} is not there. Put the right key back.",
                isTransient: false);
        }

        KeyProviders.CreateKeyIfMissing(next);
        KeyId to = await IdOfAsync(next, node, cancellation);
        if (from is not null && from != to)
        {
            await using PartyStorage storage = await PartyStorage.OpenAsync(
                PartyKeyDesk.WithoutBackground(role), node, NullLoggerFactory.Instance, cancellation);
            await storage.Keeper.RewrapAsync(KeyProviderSettings.Create(next, node.Profile, TimeProvider.System), cancellation);
        }

        return new RewrappedNode(role.Party, from?.ToString(), to.ToString());
    }

    private static async Task<KeyId?> WrappedUnderAsync(RoleSettings role, NodeSettings node, CancellationToken cancellation)
    {
        await using PostgresDatabase database = PostgresDatabase.Create(Adapters.ToPostgres(role.Database, node.Profile));
        await using PostgresJournal journal = await PostgresJournal.OpenReadOnlyAsync(database, cancellation);
        return (await KeyStatus.ReadAsync(journal, progress: null, cancellation)).Ring.WrappedUnder;
    }

    private static async Task<KeyId> IdOfAsync(KeyProviderSettings settings, NodeSettings node, CancellationToken cancellation)
    {
        using KeyEncryptionKey key = await KeyProviderSettings.Create(settings, node.Profile, TimeProvider.System).FetchAsync(cancellation);
        return key.Id;
    }
}
