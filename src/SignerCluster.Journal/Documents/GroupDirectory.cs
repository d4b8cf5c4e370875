using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;

namespace SignerCluster.Journal.Documents;

/// <summary>What a node's operator allows beyond whole transactions shown as PSBTs. Nothing, unless said.</summary>
public sealed record SigningPolicy
{
    /// <summary>Sign bare 32-byte messages.</summary>
    public bool AllowRaw { get; init; }

    /// <summary>Sign with hash types that leave parts of the transaction open to change.</summary>
    public bool AllowPartialSighash { get; init; }

    /// <summary>The most that a payment may pay in fees.</summary>
    public PaymentLimits PaymentLimits { get; init; } = PaymentLimits.Default;
}

/// <summary>The groups that a node knows and the seats that it holds, loaded and verified once at start. Disposing zeroes the shares.</summary>
public sealed class GroupDirectory : IDisposable
{
    private readonly IReadOnlyDictionary<GroupId, StoredGroup> _groups;
    private readonly IReadOnlyDictionary<(GroupId Group, SeatId Seat), SecretShare> _shares;
    private readonly IReadOnlyDictionary<GroupId, Standing> _standings;

    private GroupDirectory(
        IReadOnlyDictionary<GroupId, StoredGroup> groups, IReadOnlyDictionary<(GroupId Group, SeatId Seat), SecretShare> shares, SigningPolicy policy)
    {
        _groups = groups;
        _shares = shares;
        _standings = groups.Values.ToDictionary(
            static group => group.Id,
            group => new Standing(
                group.Group,
                SeatSet.Of([.. shares.Keys.Where(held => held.Group == group.Id).Select(static held => held.Seat)]),
                group.Lifecycle,
                policy.AllowRaw,
                group.Quarantined)
            {
                AllowPartialSighash = policy.AllowPartialSighash,
                PaymentLimits = policy.PaymentLimits,
            });
    }

    public IReadOnlyList<StoredGroup> Groups => [.. _groups.Values.OrderBy(static group => group.Id.ToString(), StringComparer.Ordinal)];

    /// <summary>Loads the groups of a node that holds no seats, or that is only looked at. Throws as <see cref="LoadAsync"/>.</summary>
    public static async ValueTask<GroupDirectory> LoadPublicAsync(INodeDocuments documents, SigningPolicy policy, CancellationToken cancellation) =>
        new(await LoadGroupsAsync(documents, cancellation), new Dictionary<(GroupId, SeatId), SecretShare>(), policy);

    /// <summary>
    /// Loads a node's documents. Every share is checked against the dealer's commitments. Throws <see cref="DataDirectoryException"/> for the first
    /// document that cannot be used: a node with a part of its keys would refuse what its operator believes it signs.
    /// </summary>
    public static async ValueTask<GroupDirectory> LoadAsync(INodeDocuments documents, SigningPolicy policy, DataKeys keys, CancellationToken cancellation)
    {
        Dictionary<GroupId, StoredGroup> groups = await LoadGroupsAsync(documents, cancellation);
        Dictionary<(GroupId, SeatId), SecretShare> shares = [];
        IReadOnlyList<(string Place, GroupId Group, SecretShare Share)> seats = await new SeatFiles(documents).OpenAllAsync(keys, cancellation);
        foreach ((string place, GroupId group, SecretShare share) in seats)
        {
            bool belongs = groups.TryGetValue(group, out StoredGroup? known) && known.Group.PublicShare(share.Seat) == share.PublicShare;
            if (!belongs || !shares.TryAdd((group, share.Seat), share))
            {
                foreach ((_, _, SecretShare opened) in seats)
                {
                    opened.Dispose();
                }

                throw new DataDirectoryException("file_invalid", $"{place} does not belong to a group that this node knows.", isTransient: false);
            }
        }

        return new GroupDirectory(groups, shares, policy);
    }

    private static async ValueTask<Dictionary<GroupId, StoredGroup>> LoadGroupsAsync(INodeDocuments documents, CancellationToken cancellation) =>
        (await documents.ReadAllAsync(DocumentKind.Group, cancellation))
        .Select(document => GroupFile.Parse(document.Content.Span, documents.Locate(DocumentKind.Group, document.Name)))
        .ToDictionary(static group => group.Id);

    public Standing StandingOf(GroupId group) => _standings.GetValueOrDefault(group, Standing.Unknown);

    public SecretShare? ShareOf(GroupId group, SeatId seat) => _shares.GetValueOrDefault((group, seat));

    public void Dispose()
    {
        foreach (SecretShare share in _shares.Values)
        {
            share.Dispose();
        }
    }

    public override string ToString() => $"directory of {_groups.Count} groups with {_shares.Count} shares <redacted>";
}
