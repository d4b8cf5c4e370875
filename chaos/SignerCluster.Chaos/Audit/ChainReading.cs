using System.Numerics;

namespace SignerCluster.Chaos.Audit;

/// <summary>One guardian's chain, read record by record and judged with buckets of unbounded numbers.</summary>
internal sealed class ChainReading(string group, List<Finding> findings)
{
    private readonly List<RecordReading> _records = [];
    private readonly Dictionary<string, RecordReading> _paid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BigInteger> _tokens = new(StringComparer.Ordinal);
    private RulesReading? _rules;
    private RulesReading? _announced;
    private BigInteger _announcedUntil;
    private ulong _updated;
    private ulong _withdrawals;
    private string? _frozen;

    internal IReadOnlyList<RecordReading> Records => _records;

    internal IEnumerable<RecordReading> Withdrawals => _records.Where(static record => record.Kind == RecordReading.WithdrawalAccepted);

    internal void Add(RecordReading record)
    {
        CheckLink(record);
        if (_rules is null && record.Kind != RecordReading.RulesSet)
        {
            Find("G9", record, $"A {record.Kind} stands before any rules.");
        }
        else
        {
            Apply(record);
        }

        _records.Add(record);
    }

    private void Apply(RecordReading record)
    {
        switch (record.Kind)
        {
            case RecordReading.RulesSet:
                CheckRules(record, record.Rules);
                Adopt(record.Rules, record.At);
                break;
            case RecordReading.LooseningAnnounced:
                (_announced, _announcedUntil) = (record.Rules, (BigInteger)record.At + _rules!.LooseningDelay);
                break;
            case RecordReading.LooseningApplied:
                Demand(_announced is not null && record.At >= _announcedUntil, "G4", record, "Rules that allow more hold before their delay is over.");
                Adopt(_announced ?? _rules!, record.At);
                break;
            case RecordReading.WithdrawalAccepted:
                Debit(record);
                break;
            case RecordReading.Frozen:
                _frozen = record.Place;
                break;
            case RecordReading.Unfrozen:
                _frozen = null;
                break;
        }
    }

    private void CheckLink(RecordReading record)
    {
        RecordReading? last = _records.Count == 0 ? null : _records[^1];
        Demand(record.Position == _records.Count, "G9", record, $"It has the position {record.Position}, and should have {_records.Count}.");
        Demand(record.Previous == (last?.Hash ?? RecordReading.StartOf(group)), "G9", record, "It is not linked to the record before it.");
        Demand(last is null || record.At >= last.At, "G3", record, $"Its time {record.At} is before that of the record before it.");
    }

    private void CheckRules(RecordReading record, RulesReading rules)
    {
        Demand(_rules is null || !rules.AllowMoreThan(_rules), "G4", record, "Rules that allow more hold at once.");
        Demand(
            _rules is null || _announced is not null || !rules.AreThoseOf(_rules), "G5", record, "It changes nothing: something was refused and left a trace.");
    }

    private void Debit(RecordReading record)
    {
        Demand(_frozen is null, "G4", record, $"It was accepted although the group was frozen at {_frozen}.");
        Demand(record.Sequence == _withdrawals, "G3", record, $"{record.Id} has the number {record.Sequence}, and should have {_withdrawals}.");
        Demand(record.Debit > 0, "G1", record, $"{record.Id} takes nothing.");
        CheckPaid($"The id {record.Id}", record);
        CheckPaid($"The transaction {record.Txid}", record);

        _withdrawals++;
        Refill(record.At);
        IReadOnlyList<ulong> after = record.After;
        Demand(after.Count == _rules!.Windows.Count, "G3", record, $"It tells {after.Count} buckets, and the rules have {_rules.Windows.Count}.");
        foreach ((WindowReading window, ulong told) in _rules.Windows.Zip(after))
        {
            BigInteger left = _tokens[window.Name] -= record.Debit;
            Demand(left >= 0, "G4", record, $"The {window.Name} had too little left for {record.Id}: {left} after it.");
            Demand(told == left, "G4", record, $"The {window.Name} holds {told} after {record.Id}, and should hold {left}.");
        }
    }

    private void CheckPaid(string what, RecordReading record)
    {
        if (!_paid.TryAdd(what, record))
        {
            Find("G1", record, $"{what} was paid for before, at {_paid[what].Place}.");
        }
    }

    private void Adopt(RulesReading rules, ulong at)
    {
        Refill(at);
        Dictionary<string, BigInteger> held = new(_tokens, StringComparer.Ordinal);
        _tokens.Clear();
        foreach (WindowReading window in rules.Windows)
        {
            _tokens[window.Name] = BigInteger.Min(window.Capacity, held.TryGetValue(window.Name, out BigInteger tokens) ? tokens : window.Capacity);
        }

        (_rules, _announced) = (rules, null);
    }

    private void Refill(ulong at)
    {
        foreach (WindowReading window in _rules?.Windows ?? [])
        {
            BigInteger seconds = at > _updated ? at - _updated : 0;
            _tokens[window.Name] = BigInteger.Min(window.Capacity, _tokens[window.Name] + (seconds * window.RefillPerSecond));
        }

        _updated = Math.Max(at, _updated);
    }

    private void Demand(bool holds, string invariant, RecordReading record, string message)
    {
        if (!holds)
        {
            Find(invariant, record, message);
        }
    }

    private void Find(string invariant, RecordReading record, string message) => findings.Add(new Finding(invariant, record.Place, message));
}
