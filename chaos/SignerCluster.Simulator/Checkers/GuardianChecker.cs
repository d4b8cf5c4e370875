using System.Numerics;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// G1 to G9 as far as *always* can be put in front: every chain is judged by plain arithmetic of its own, every seat's chain is the beginning of the
/// coordinator's, and nothing is asked of a seat or signed by it that its guardian has not accepted first.
/// </summary>
internal sealed class GuardianChecker(World world) : Checker(world)
{
    private readonly Dictionary<GuardianAddress, JudgedChain> _chains = [];

    internal override void GuardianCommitted(Operator owner, GuardianAddress guardian, IReadOnlyList<GuardianEvent> events)
    {
        foreach (GuardianEvent.Recorded recorded in events.OfType<GuardianEvent.Recorded>())
        {
            JudgedChain chain = ChainOf(guardian);
            chain.Begun = chain.Records.Count == 0 ? World.Now : chain.Begun;
            chain.Add(recorded.Record, Findings);
            if (guardian.Seat is not null)
            {
                GuardianRecord? told = ChainOf(guardian with { Seat = null }).Records.ElementAtOrDefault(chain.Records.Count - 1);
                Findings.Demand(
                    recorded.Record.Equals(told),
                    "G9",
                    () => $"Seat {guardian.Seat} folded record {recorded.Record.Position}, which the coordinator's chain does not have.");
            }
        }
    }

    internal override void SeatAsked(SeatAddress seat, IReadOnlyList<SeatRequest> requests)
    {
        if (World.Guard.IsOn && requests.OfType<SeatRequest.Open>().FirstOrDefault() is { } open)
        {
            CheckPaid(new GuardianAddress(seat.Group), seat.Session, open.Request, "asked for");
        }
    }

    internal override void SeatAnswered(SeatExchange exchange)
    {
        GuardianAddress guardian = new(exchange.Seat.Group, exchange.Seat.Seat);
        foreach ((SeatRequest request, SeatAnswer answer) in exchange.Pairs)
        {
            bool isWord = (request, answer) is (SeatRequest.Open, SeatAnswer.Granted) or (SeatRequest.SignShare, SeatAnswer.Granted);
            // A seat whose guardian has not heard of the first rules yet knows of no guardian, and another activation of it for a moment more. What it was
            // asked within that time it may write and answer later, on a slow disk.
            if (isWord && exchange.Record?.Request is { } bound && exchange.Turn.Began - ChainOf(guardian).Begun > GuardianAsked.ProofHolds)
            {
                CheckPaid(guardian, exchange.Seat.Session, bound, "signed");
            }
        }
    }

    internal override void SessionCommitted(SessionRecord record, IReadOnlyList<RoastEvent> events)
    {
        if (World.Guard.IsOn && events.OfType<RoastEvent.SigningRequested>().FirstOrDefault() is { } requested)
        {
            CheckPaid(new GuardianAddress(record.Address.Group), record.Address.Session, requested.Request, "begun");
        }
    }

    /// <summary>Is the very transaction of the request accepted under its id, with its debit (G7)?</summary>
    private void CheckPaid(GuardianAddress guardian, SessionId session, SigningRequest request, string what)
    {
        Payment? payment = World.Group.PaymentOf(request);
        GuardianRecord.WithdrawalAccepted? accepted = ChainOf(guardian).Find(session);
        Findings.Demand(
            payment is not null && accepted is not null && accepted.Txid == payment.Txid && accepted.Debit == payment.Debit,
            "G7",
            () => $"{session} was {what} and guardian {EntityAddress.Of(guardian)} has accepted {accepted?.ToString() ?? "nothing"} for it.");
    }

    private JudgedChain ChainOf(GuardianAddress guardian)
    {
        if (!_chains.TryGetValue(guardian, out JudgedChain? chain))
        {
            _chains.Add(guardian, chain = new JudgedChain(guardian.Group));
        }

        return chain;
    }

    /// <summary>A chain as it becomes durable, with buckets of unbounded numbers.</summary>
    private sealed class JudgedChain(GroupId group)
    {
        private readonly Dictionary<SessionId, GuardianRecord.WithdrawalAccepted> _byId = [];
        private readonly HashSet<Bytes32> _txids = [];
        private readonly Dictionary<string, BigInteger> _tokens = [];
        private GuardianRules? _rules;
        private GuardianRules? _announced;
        private BigInteger _announcedUntil;
        private ulong _updated;

        /// <summary>When the first rules became durable.</summary>
        internal DateTimeOffset Begun { get; set; } = DateTimeOffset.MaxValue;

        internal List<GuardianRecord> Records { get; } = [];

        internal GuardianRecord.WithdrawalAccepted? Find(SessionId id) => _byId.GetValueOrDefault(id);

        internal void Add(GuardianRecord record, Findings findings)
        {
            Bytes32 head = Records.Count == 0 ? GuardianRecord.StartOf(group) : Records[^1].ComputeHash();
            findings.Demand(
                record.Position == Records.Count && record.Previous == head, "G9", () => $"Record {record.Position} is not linked to the one before it.");
            findings.Demand(Records.Count == 0 || record.At >= Records[^1].At, "G3", () => $"Record {record.Position} is dated before the one before it.");
            switch (record)
            {
                case GuardianRecord.RulesSet set:
                    findings.Demand(
                        set.Rules != _rules || _announced is not null,
                        "G5",
                        () => $"Record {record.Position} changes nothing: something was refused, and left a trace.");
                    findings.Demand(_rules is null || !set.Rules.IsLooserThan(_rules), "G4", () => $"Record {record.Position} loosens the rules at once.");
                    Adopt(set.Rules, record.At);
                    break;
                case GuardianRecord.LooseningAnnounced announced:
                    (_announced, _announcedUntil) = (announced.Rules, (BigInteger)record.At + _rules!.LooseningDelay);
                    break;
                case GuardianRecord.LooseningApplied:
                    findings.Demand(
                        _announced is not null && record.At >= _announcedUntil,
                        "G4",
                        () => $"Record {record.Position} loosens the rules before the delay is over.");
                    Adopt(_announced ?? _rules!, record.At);
                    break;
                case GuardianRecord.WithdrawalAccepted accepted:
                    Debit(accepted, findings);
                    break;
            }

            Records.Add(record);
        }

        private void Adopt(GuardianRules rules, ulong at)
        {
            Refill(at);
            foreach (LimiterWindow window in rules.Windows)
            {
                _tokens[window.Name] = BigInteger.Min(window.Capacity, _tokens.TryGetValue(window.Name, out BigInteger held) ? held : window.Capacity);
            }

            foreach (string gone in _tokens.Keys.Where(name => rules.Windows.All(window => window.Name != name)).ToArray())
            {
                _tokens.Remove(gone);
            }

            (_rules, _announced) = (rules, null);
        }

        private void Refill(ulong at)
        {
            foreach (LimiterWindow window in _rules?.Windows ?? Enumerable.Empty<LimiterWindow>())
            {
                _tokens[window.Name] = BigInteger.Min(window.Capacity, _tokens[window.Name] + ((BigInteger)(at - _updated) * window.RefillPerSecond));
            }

            _updated = at;
        }

        private void Debit(GuardianRecord.WithdrawalAccepted accepted, Findings findings)
        {
            findings.Demand(_byId.TryAdd(accepted.Id, accepted), "G1", () => $"{accepted.Id} was paid for twice.");
            findings.Demand(_txids.Add(accepted.Txid), "G1", () => $"The transaction of {accepted.Id} was paid for twice.");
            findings.Demand(accepted.Sequence == (ulong)(_byId.Count - 1), "G3", () => $"{accepted.Id} has number {accepted.Sequence}, not {_byId.Count - 1}.");
            Refill(accepted.At);
            for (int index = 0; index < _rules!.Windows.Count; index++)
            {
                string name = _rules.Windows[index].Name;
                _tokens[name] -= accepted.Debit;
                findings.Demand(
                    _tokens[name] >= 0 && _tokens[name] == accepted.After[index],
                    "G4",
                    () => $"After {accepted.Id} window {name} holds {accepted.After[index]}, and should hold {_tokens[name]}.");
            }
        }
    }
}
