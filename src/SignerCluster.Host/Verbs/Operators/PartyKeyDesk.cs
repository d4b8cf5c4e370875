using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Http;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Postgres;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>Works on the databases of a cluster node's parties, also beside nodes: those learn of a rotation with their next append.</summary>
internal sealed class PartyKeyDesk(NodeSettings node) : IKeyDesk
{
    /// <summary>Needs no key, so it can be told while the provider is down.</summary>
    public async Task<KeyListResponse> ShowAsync(IProgress<long> progress, CancellationToken cancellation)
    {
        List<NodeKeysResponse> shown = [];
        foreach (RoleSettings role in node.Parties)
        {
            await using PostgresDatabase database = PostgresDatabase.Create(Adapters.ToPostgres(role.Database, node.Profile));
            await using PostgresJournal journal = await PostgresJournal.OpenReadOnlyAsync(database, cancellation);
            shown.Add(await NodeKeys.ShowAsync(role.Party, KeyProviders.KindOf(role.Provider), journal, progress, cancellation));
        }

        return new KeyListResponse(shown);
    }

    public async Task<RotationListResponse> RotateAsync(string? party, WorkProgress progress, CancellationToken cancellation)
    {
        List<RotationResponse> rotated = [];
        foreach (RoleSettings role in PartyStorage.Select(node, party))
        {
            progress.Begin($"Re-sealing {role.Party}");
            await using PartyStorage storage = await PartyStorage.OpenAsync(WithoutBackground(role), node, NullLoggerFactory.Instance, cancellation);
            rotated.Add(await NodeKeys.RotateAndResealAsync(storage.Kept, progress, cancellation));
        }

        return new RotationListResponse(rotated);
    }

    public void Dispose()
    {
    }

    /// <summary>What the background moved first would be missing from the count.</summary>
    internal static RoleSettings WithoutBackground(RoleSettings role) =>
        role with { Keys = role.Keys with { BackgroundPeriod = NodeStorageSettings.WithoutBackground.Keys.BackgroundPeriod } };
}
