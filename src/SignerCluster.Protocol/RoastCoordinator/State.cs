using System.Collections.Immutable;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.RoastCoordinator;

// Absent ──signing requested──▶ Running ──session completed──▶ Completed
//                                  └──────session failed─────▶ Failed
//
// A seat inside Running:
//
//   Idle ──commitment received──▶ Responsive ──package issued──▶ Signing ──share accepted──▶ Idle
//     ▲                               │                             │
//     └────seat withdrew / next attempt proposed────────────────────┘ (withdrew)
//   any ──convicted──▶ Convicted      any ──declined──▶ Declined

/// <summary>A coordinated session, one record a phase.</summary>
public abstract record CoordinatorState
{
    private CoordinatorState()
    {
    }

    public sealed record Absent(CoordinatorAddress Address) : CoordinatorState;

    /// <summary>A session that was accepted; its transcript outlives the end.</summary>
    public abstract record Accepted(CoordinatorAddress Address, SigningRequest Request, SeatRoster Roster) : CoordinatorState;

    public sealed record Running(CoordinatorAddress Address, SigningRequest Request, SeatRoster Roster) : Accepted(Address, Request, Roster);

    public sealed record Completed(
        CoordinatorAddress Address,
        SigningRequest Request,
        SeatRoster Roster,
        AttemptContext Attempt,
        Batch<XOnlyPublicKey> OutputKey,
        Batch<Bytes64> Signature)
        : Accepted(Address, Request, Roster);

    public sealed record Failed(CoordinatorAddress Address, SigningRequest Request, SeatRoster Roster, Refusal Reason) : Accepted(Address, Request, Roster);
}

/// <summary>Where one seat stands.</summary>
public abstract record SeatStanding
{
    private SeatStanding()
    {
    }

    /// <summary>Owes a commitment to the attempt that collects.</summary>
    public sealed record Idle : SeatStanding;

    /// <summary>Committed to the attempt that collects.</summary>
    public sealed record Responsive(Batch<Commitment> Commitment) : SeatStanding;

    /// <summary>Owes the share of an attempt.</summary>
    public sealed record Signing(AttemptId Attempt) : SeatStanding;

    /// <summary>Proved to have cheated.</summary>
    public sealed record Convicted(BlameCertificate Certificate) : SeatStanding;

    /// <summary>Will not sign this session.</summary>
    public sealed record Declined(string Code) : SeatStanding;
}

/// <summary>An attempt, and why it was proposed, for the audit.</summary>
public sealed record ProposedAttempt(AttemptContext Context, AdvanceReason Reason);

/// <summary>An attempt that has its package. Live until it is aggregated or one of its signers drops out.</summary>
public sealed record IssuedAttempt(SigningPackage Package, ImmutableSortedDictionary<int, Batch<Share>> Shares, bool IsDead)
{
    private readonly Remembered _remembered = new();

    public AttemptContext Context => Package.Attempt;

    /// <summary>The BIP-445 session values. A pure function of the package, remembered because every share is checked against it.</summary>
    internal Batch<SessionValues> Values(ThresholdInfo group) => _remembered.Values ??= Package.Values(group).Value;

    /// <summary>The signatures that the last missing shares make of the attempt; null when one of them is not valid.</summary>
    internal Batch<Bytes64>? Aggregate(ThresholdInfo group, SeatId seat, Batch<Share> last)
    {
        Batch<SessionValues> values = Values(group);
        if (last.Count != values.Count)
        {
            return null;
        }

        Batch<Share>[] shares = [.. Shares.Add(seat.Value, last).Values];
        Bytes64[] signatures = new Bytes64[values.Count];
        bool valid = Batch.All(values.Count, message =>
            ShareAggregation.Aggregate(values[message], Array.ConvertAll(shares, share => share[message])).TryGet(out signatures[message], out _)
            && Bip340.Verify(values[message].Key.OutputKey, Package.Message[message].AsSpan(), signatures[message]));
        return valid ? new Batch<Bytes64>(signatures) : null;
    }

    /// <summary>Is it one good share of the seat for each message?</summary>
    internal bool IsGood(ThresholdInfo group, SeatId seat, Batch<Share> share) =>
        Package.Commitments.TryGet(seat, out Batch<Commitment>? commitment) && BlameCertificate.AreGood(share, Values(group), seat, commitment);

    /// <summary>The key of each message's signature; one where one stands for all.</summary>
    internal Batch<XOnlyPublicKey> OutputKeys(ThresholdInfo group) =>
        Batch.Of(group.Tweaked(Package.Tweaks).Value.Select(static key => key.OutputKey));

    /// <summary>Says nothing that the package does not say, so any two are equal.</summary>
    private sealed class Remembered
    {
        internal Batch<SessionValues>? Values { get; set; }

        public override bool Equals(object? obj) => obj is Remembered;

        public override int GetHashCode() => 0;
    }
}

/// <summary>All seats and all attempts of a session.</summary>
/// <param name="Collecting">The attempt that collects commitments.</param>
/// <param name="Withdrawals">How often each seat dropped out of an attempt.</param>
/// <param name="Proposed">Every attempt so far, in the order of their numbers.</param>
public sealed record SeatRoster(
    int Threshold,
    ImmutableArray<SeatStanding> Seats,
    ImmutableArray<int> Withdrawals,
    AttemptContext Collecting,
    ImmutableDictionary<AttemptId, IssuedAttempt> Issued,
    ImmutableArray<ProposedAttempt> Proposed)
{
    /// <summary>How many more drop-outs than the t-th steadiest seat a seat may have before it has to rest.</summary>
    public const int DropOutAllowance = 8;

    public int Participants => Seats.Length;

    /// <summary>Seats that may still sign: neither convicted nor declined.</summary>
    public SeatSet Eligible => Where(static standing => standing is not (SeatStanding.Convicted or SeatStanding.Declined));

    public SeatSet Convicted => Where(static standing => standing is SeatStanding.Convicted);

    /// <summary>
    /// Eligible seats that are invited to attempts. A seat that keeps dropping out rests, so that it cannot spoil attempt after attempt
    /// without ever sending a bad share; measured against the t-th steadiest seat, so t seats are always invited (A4).
    /// </summary>
    public SeatSet Invited
    {
        get
        {
            if (Withdrawals.All(static count => count <= DropOutAllowance))
            {
                return Eligible;
            }

            int[] dropOuts = [.. Eligible.Select(seat => Withdrawals[seat.Value]).Order()];
            int limit = dropOuts.Length < Threshold ? int.MaxValue : dropOuts[Threshold - 1] + DropOutAllowance;
            return SeatSet.Of([.. Eligible.Where(seat => Withdrawals[seat.Value] <= limit)]);
        }
    }

    public SeatSet Idle => Where(static standing => standing is SeatStanding.Idle);

    public SeatSet Responsive => Where(static standing => standing is SeatStanding.Responsive);

    /// <summary>
    /// The seats that owe a commitment. While fewer than t invited seats are free of shares that they owe, nobody could fill the attempt that collects: seats
    /// that owe shares must answer first, and most often the session ends with that. So in a session where all are honest no second attempt is begun when t is
    /// more than half of n.
    /// </summary>
    public SeatSet Wanted
    {
        get
        {
            SeatSet free = Where(static standing => standing is SeatStanding.Idle or SeatStanding.Responsive).Intersect(Invited);
            return free.Count >= Threshold ? free.Intersect(Idle) : default;
        }
    }

    public IEnumerable<IssuedAttempt> Live => Issued.Values.Where(static attempt => !attempt.IsDead);

    public SeatStanding this[SeatId seat] => Seats[seat.Value];

    internal static SeatRoster Start(int threshold, int participants) => new(
        threshold,
        [.. Enumerable.Repeat<SeatStanding>(new SeatStanding.Idle(), participants)],
        [.. Enumerable.Repeat(0, participants)],
        new AttemptContext(0, default, default),
        ImmutableDictionary<AttemptId, IssuedAttempt>.Empty,
        []);

    internal SeatRoster With(SeatId seat, SeatStanding standing) => this with { Seats = Seats.SetItem(seat.Value, standing) };

    internal SeatRoster WithDead(Func<IssuedAttempt, bool> concerned) => this with
    {
        Issued = Issued.ToImmutableDictionary(
            static entry => entry.Key, entry => concerned(entry.Value) ? entry.Value with { IsDead = true } : entry.Value),
    };

    private SeatSet Where(Func<SeatStanding, bool> predicate)
    {
        SeatSet seats = default;
        for (int seat = 0; seat < Seats.Length; seat++)
        {
            seats = predicate(Seats[seat]) ? seats.With(new SeatId(seat)) : seats;
        }

        return seats;
    }
}
