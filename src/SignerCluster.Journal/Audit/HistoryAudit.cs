using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Audit;

/// <summary>
/// Reads one entity's history as its activation would, and holds every stored proof in it against public data alone: signatures, blame certificates,
/// and that a seat gave one share an attempt. Says what is wrong to <paramref name="report"/>.
/// </summary>
/// <param name="guardians">Where guardians stood before.</param>
internal sealed class HistoryAudit(
    IJournal journal,
    IJournalStore store,
    Func<GroupId, ThresholdInfo?> groups,
    IReadOnlyList<GuardianStanding> guardians,
    Action<AuditFinding> report)
{
    private readonly Dictionary<Commitment, EntityId> _commitments = [];

    /// <summary>The kinds of entities that a journal can hold.</summary>
    internal static IReadOnlyList<string> Kinds { get; } = [
        EntityKind.KeyRing, EntityKind.Guardian, EntityKind.Checkpoint, EntityKind.RoastCoordinator, EntityKind.SigningSession,
        EntityKind.CovenantJob, EntityKind.JobDecision,
    ];

    internal long Signatures { get; private set; }

    internal long Certificates { get; private set; }

    internal long Shares { get; private set; }

    internal GuardianAudit Guardians { get; } = new(journal, guardians, report);

    /// <summary>Throws <see cref="UnreadableHistoryException"/> when the history itself cannot be trusted.</summary>
    /// <returns>False for an id that no entity has, under which nothing can be read as a history.</returns>
    internal async ValueTask<bool> CheckAsync(EntityId id, CancellationToken cancellation)
    {
        try
        {
            switch (id.Kind)
            {
                case EntityKind.KeyRing when id == EntityAddress.KeyRing:
                    await CheckRingAsync(cancellation);
                    break;
                case EntityKind.RoastCoordinator:
                    await CheckCoordinatorAsync(id, EntityAddress.ToCoordinator(id), cancellation);
                    break;
                case EntityKind.SigningSession:
                    await CheckSeatAsync(id, EntityAddress.ToSeat(id), cancellation);
                    break;
                case EntityKind.CovenantJob:
                    await CheckJobAsync(id, EntityAddress.ToJob(id), cancellation);
                    break;
                case EntityKind.JobDecision:
                    await CheckDecisionAsync(id, EntityAddress.ToDecided(id), cancellation);
                    break;
                case EntityKind.Guardian:
                    Known(id, EntityAddress.ToGuardian(id).Group);
                    await Guardians.CheckAsync(id, cancellation);
                    break;
                case EntityKind.Checkpoint:
                    await Guardians.CheckPiecesAsync(id, EntityAddress.Of(EntityAddress.ToCheckpointed(id)), cancellation);
                    break;
                default:
                    throw new FormatException("there is no such entity.");
            }

            return true;
        }
        catch (FormatException malformed)
        {
            report(new AuditFinding(id.ToString(), null, AuditReason.IdMalformed, malformed.Message));
            return false;
        }
    }

    /// <summary>Does the event decode under the codec of the entity's kind? Throws <see cref="UnreadableEventException"/>.</summary>
    internal static void RequireKnown(EntityId id, string manifest, ReadOnlySpan<byte> plain) => _ = id.Kind switch
    {
        EntityKind.KeyRing => KeyRingCodec.Events.Decode(manifest, plain),
        EntityKind.Guardian => GuardianCodec.Events.Decode(manifest, plain),
        EntityKind.Checkpoint => GuardianCodec.Checkpoints.Decode(manifest, plain),
        EntityKind.RoastCoordinator => RoastCodec.Events.Decode(manifest, plain),
        EntityKind.CovenantJob => CovenantJobCodec.Events.Decode(manifest, plain),
        EntityKind.JobDecision => CovenantJobCodec.Decisions.Decode(manifest, plain),
        EntityKind.SigningSession => (object)SigningSessionCodec.Events.Decode(manifest, plain),
        _ => throw new UnreadableEventException($"Entities of the kind {id.Kind} are not known."),
    };

    private async ValueTask CheckRingAsync(CancellationToken cancellation)
    {
        int before = await store.ReadKeyEpochAsync(cancellation);
        (KeyRingState ring, _) = await History.LoadAsync(
            store, EntityAddress.KeyRing, KeyRingState.Empty, KeyRingDecider.Decider.Evolve, KeyRingCodec.Events, cancellation);
        int after = await store.ReadKeyEpochAsync(cancellation);
        // A running signer may rotate between the reads; epochs only grow.
        int active = ring.Active?.Epoch ?? 0;
        if (active < before || active > after)
        {
            report(new AuditFinding(
                EntityAddress.KeyRing.ToString(), null, AuditReason.KeyEpochMismatch, $"The ring's active epoch is {active}, the store's {after}."));
        }
    }

    private async ValueTask CheckCoordinatorAsync(EntityId id, CoordinatorAddress address, CancellationToken cancellation)
    {
        ThresholdInfo? group = Known(id, address.Group);
        long row = 0;
        await History.LoadAsync(journal, id, RoastDecider.Initial(address), Follow, RoastCodec.Events, cancellation);

        CoordinatorState Follow(CoordinatorState before, RoastEvent @event)
        {
            row++;
            CoordinatorState after = RoastDecider.Decider.Evolve(before, @event);
            if (group is not null && after is CoordinatorState.Accepted accepted)
            {
                CheckEvent(new Place(id, row, group), address.Session, accepted.Request, @event);
            }

            return after;
        }
    }

    private async ValueTask CheckJobAsync(EntityId id, JobAddress address, CancellationToken cancellation)
    {
        long row = 0;
        await History.LoadAsync(journal, id, JobDecider.Initial(address), Follow, CovenantJobCodec.Events, cancellation);

        JobState Follow(JobState before, JobEvent @event)
        {
            row++;
            switch (before, @event)
            {
                case (_, JobEvent.Accepted accepted):
                    Known(id, accepted.Request.Group);
                    bool isItself = accepted.Request.Terms.Kind == address.Route && accepted.Digest == accepted.Request.DigestFor(address);
                    Demand(isItself, id, row, AuditReason.JobInvalid, "The job's digest is not that of its request at its address.");
                    break;
                case (JobState.Open open, JobEvent.Signed signed):
                    Signatures++;
                    Demand(IsSigned(open.Request, signed.Signature), id, row, AuditReason.SignatureInvalid, "The signature does not spend the job's covenant.");
                    break;
            }

            return JobDecider.Decider.Evolve(before, @event);
        }
    }

    private async ValueTask CheckDecisionAsync(EntityId id, JobAddress address, CancellationToken cancellation)
    {
        (JobDecisionState state, _) = await History.LoadAsync(
            journal, id, JobDecisionDecider.Initial(address), JobDecisionDecider.Decider.Evolve, CovenantJobCodec.Decisions, cancellation);
        bool isItself = state.Decision is null || (state.Decision.IsAbout(address) && state.Decision.IsSignedFor(address));
        Demand(isItself, id, 1, AuditReason.JobInvalid, "The decision is not about the job, or not signed by its key.");
    }

    /// <summary>The covenant itself says whose signature it wants.</summary>
    private static bool IsSigned(JobRequest request, Bytes64 signature) =>
        request.Payment.TryMakeSpend(request.Terms, PaymentLimits.None, out CovenantSpend? spend, out _)
        && Bip340.Verify(spend.Template.Signer, spend.Sighash.AsSpan(), signature);

    private void CheckEvent(Place place, SessionId session, SigningRequest request, RoastEvent @event)
    {
        switch (@event)
        {
            case RoastEvent.SessionCompleted completed:
                CheckSignature(place, request, completed.OutputKey, completed.Signature);
                break;
            case RoastEvent.SeatConvicted convicted:
                Certificates++;
                BlameCertificate certificate = convicted.Certificate;
                bool isOfSession = certificate.Session == session && certificate.Request == request && certificate.Seat == convicted.Seat;
                Demand(
                    isOfSession && certificate.Proves(place.Group),
                    place,
                    AuditReason.CertificateInvalid,
                    $"The certificate does not prove that seat {convicted.Seat} sent a bad share.");
                break;
        }
    }

    private async ValueTask CheckSeatAsync(EntityId id, SeatAddress address, CancellationToken cancellation)
    {
        ThresholdInfo? group = Known(id, address.Group);
        Dictionary<AttemptId, PackageHash?> attempts = [];
        long row = 0;
        await History.LoadAsync(journal, id, SigningSessionDecider.Initial(address), Follow, SigningSessionCodec.Events, cancellation);

        SessionState Follow(SessionState before, SigningSessionEvent @event)
        {
            row++;
            // Without the group's file only the signature cannot be held against anything.
            CheckShares(id, row, attempts, @event);
            SessionState after = SigningSessionDecider.Decider.Evolve(before, @event);
            if (@event is SigningSessionEvent.AttemptAggregated aggregated && group is not null && after is SessionState.Accepted accepted)
            {
                CheckSignature(new Place(id, row, group), accepted.Request, outputKey: null, aggregated.Signature);
            }

            return after;
        }
    }

    private void CheckShares(EntityId id, long row, Dictionary<AttemptId, PackageHash?> attempts, SigningSessionEvent @event)
    {
        switch (@event)
        {
            case SigningSessionEvent.AttemptJoined joined:
                attempts.TryAdd(joined.Attempt.Id, null);
                bool isFresh = joined.Commitment.Count(commitment => _commitments.TryAdd(commitment, id)) == joined.Commitment.Count;
                Demand(isFresh, id, row, AuditReason.CommitmentRepeated, "A commitment was given to another attempt, or for another message, before.");
                break;
            case SigningSessionEvent.ShareProduced produced:
                Shares += produced.Share.Count;
                bool isJoined = attempts.TryGetValue(produced.Attempt.Id, out PackageHash? earlier);
                Demand(isJoined, id, row, AuditReason.AttemptNotJoined, $"Attempt {produced.Attempt.Number} was not joined before its share was given.");
                Demand(earlier is null, id, row, AuditReason.ShareRepeated, $"Attempt {produced.Attempt.Number} has a share already.");
                attempts[produced.Attempt.Id] = produced.Package;
                break;
            case SigningSessionEvent.EquivocationSeen seen:
                bool isEvidence = attempts.GetValueOrDefault(seen.Second.Attempt.Id) == seen.First && seen.Second.ComputeHash() != seen.First;
                Demand(isEvidence, id, row, AuditReason.EquivocationInvalid, "The two packages are not two packages of one attempt that the seat signed.");
                break;
        }
    }

    private void CheckSignature(Place place, SigningRequest request, Batch<XOnlyPublicKey>? outputKey, Batch<Bytes64> signature)
    {
        Signatures += signature.Count;
        bool isValid = request.IsEven
            && place.Group.Tweaked(request.Tweaks).TryGet(out Batch<TweakedKey>? keys, out _)
            && (outputKey is null || outputKey == Batch.Of(keys.Select(static key => key.OutputKey)))
            && keys.Verify(request.Message, signature);
        Demand(isValid, place, AuditReason.SignatureInvalid, "The signature does not verify under the session's key and message.");
    }

    private ThresholdInfo? Known(EntityId id, GroupId group)
    {
        ThresholdInfo? known = groups(group);
        if (known is null)
        {
            report(new AuditFinding(
                id.ToString(), null, AuditReason.GroupUnknown, $"The node has no file of group {group}, so nothing in this history can be verified."));
        }

        return known;
    }

    private void Demand(bool holds, Place place, string reason, string message) => Demand(holds, place.Id, place.Row, reason, message);

    private void Demand(bool holds, EntityId id, long row, string reason, string message)
    {
        if (!holds)
        {
            report(new AuditFinding(id.ToString(), row, reason, message));
        }
    }

    private readonly record struct Place(EntityId Id, long Row, ThresholdInfo Group);
}
