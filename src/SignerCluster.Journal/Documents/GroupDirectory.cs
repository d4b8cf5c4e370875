using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Policies;
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

    /// <summary>What may be paid to whom, and when; null for no such rules. Belongs to whoever opened it.</summary>
    public PolicyFile? Spending { get; init; }
}

/// <summary>The groups that a node knows and the seats that it holds, loaded and verified once at start. Disposing zeroes the shares.</summary>
public sealed class GroupDirectory : IDisposable
{
    private readonly IReadOnlyDictionary<GroupId, StoredGroup> _groups;
    private readonly IReadOnlyDictionary<(GroupId Group, SeatId Seat), SecretShare> _shares;
    private readonly Dictionary<GroupId, Standing> _standings;
    private readonly PolicyFile? _spending;
    private readonly TimeProvider _time;

    private GroupDirectory(
        IReadOnlyDictionary<GroupId, StoredGroup> groups,
        IReadOnlyDictionary<(GroupId Group, SeatId Seat), SecretShare> shares,
        SigningPolicy policy,
        TimeProvider time)
    {
        _groups = groups;
        _shares = shares;
        _spending = policy.Spending;
        _time = time;
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
    /// <param name="time">The clock of standings.</param>
    public static async ValueTask<GroupDirectory> LoadPublicAsync(
        INodeDocuments documents, SigningPolicy policy, TimeProvider time, CancellationToken cancellation) =>
        new(await LoadGroupsAsync(documents, cancellation), new Dictionary<(GroupId, SeatId), SecretShare>(), policy, time);

    /// <summary>
    /// Loads a node's documents. Every share is checked against the dealer's commitments. Throws <see cref="DataDirectoryException"/> for the first
    /// document that cannot be used: a node with a part of its keys would refuse what its operator believes it signs.
    /// </summary>
    /// <param name="time">The clock of standings.</param>
    public static async ValueTask<GroupDirectory> LoadAsync(
        INodeDocuments documents, SigningPolicy policy, DataKeys keys, TimeProvider time, CancellationToken cancellation)
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

        return new GroupDirectory(groups, shares, policy, time);
    }

    private static async ValueTask<Dictionary<GroupId, StoredGroup>> LoadGroupsAsync(INodeDocuments documents, CancellationToken cancellation) =>
        (await documents.ReadAllAsync(DocumentKind.Group, cancellation))
        .Select(document => GroupFile.Parse(document.Content.Span, documents.Locate(DocumentKind.Group, document.Name)))
        .ToDictionary(static group => group.Id);

    /// <summary>What is known and allowed at this moment.</summary>
    public Standing StandingOf(GroupId group) => _standings.TryGetValue(group, out Standing? standing)
        ? standing with { Now = _time.GetUtcNow().ToUnixTimeSeconds(), Policy = _spending?.Of(group) }
        : Standing.Unknown;

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
