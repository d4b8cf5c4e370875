using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Load;

namespace SignerCluster.Chaos.Tests;

/// <summary>
/// Journals made by hand: a group under a guardian with one bucket of 100,000 satoshis and 100 more a second, of whose withdrawals each takes 31,000. The chain
/// of the coordinator is folded by all seats.
/// </summary>
internal sealed class GuardedJournals
{
    internal const ulong Noon = 1_767_355_200;
    private const ulong Capacity = 100_000;
    private const ulong Refill = 100;
    private const ulong Amount = 30_000;
    private static readonly string _key = Journals.Key.ToLowerInvariant();
    private readonly Journals _journals = new();
    private readonly List<ClientSession> _told = [];
    private readonly List<JsonObject> _records = [];
    private string _head = RecordReading.StartOf(Journals.Group);
    private ulong _tokens = Capacity;
    private ulong _last = Noon;
    private ulong _withdrawals;

    /// <summary>Rules and two withdrawals, ten seconds apart.</summary>
    internal static GuardedJournals OfTwo()
    {
        GuardedJournals journals = new();
        journals.Record(Noon, "rules_set", new JsonObject { ["rules"] = Rules(Capacity) });
        journals.Withdraw("w1", Noon + 1);
        journals.Withdraw("w2", Noon + 11);
        return journals;
    }

    internal static JsonObject Rules(ulong capacity, ulong delay = 60) => new()
    {
        ["windows"] = new JsonArray(new JsonObject { ["name"] = "hour", ["capacity"] = capacity, ["refillPerSecond"] = Refill }),
        ["maximumAge"] = 1800,
        ["maximumSkew"] = 300,
        ["looseningDelay"] = delay,
    };

    internal static Payment PaymentOf(string id) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id))), _key, Amount);

    /// <summary>Accepts, begins and answers a withdrawal as it should be, but for what is said here.</summary>
    internal void Withdraw(
        string id, ulong at, ulong? debit = null, ulong? sequence = null, ulong? after = null, string? txid = null, string? recordedId = null, bool late = false)
    {
        Payment payment = PaymentOf(id);
        ulong taken = debit ?? payment.Debit;
        ulong held = Math.Min(Capacity, _tokens + (at > _last ? (at - _last) * Refill : 0));
        _tokens = held - Math.Min(held, taken);
        _last = at;
        if (late)
        {
            Begin(id, payment);
        }

        Record(at, "withdrawal_accepted", new JsonObject
        {
            ["id"] = recordedId ?? id,
            ["txid"] = txid ?? payment.Txid,
            ["sequence"] = sequence ?? _withdrawals,
            ["debit"] = taken,
            ["after"] = new JsonArray(after ?? _tokens),
        });
        _withdrawals++;
        if (!late)
        {
            Begin(id, payment);
        }
    }

    internal void Begin(string id, Payment payment) => _journals.Roasted(id, JournalRow.Requested, $$$$"""
        {"request":{"group":"{{{{Journals.Group}}}}","message":"{{{{payment.Message}}}}","artefact":{"kind":"psbt_input","psbt":"{{{{payment.Psbt}}}}"}}}
        """);

    /// <summary>A seat gives its share.</summary>
    internal void Sign(int seat, string id)
    {
        _journals.Seated(seat, id, JournalRow.Joined, Journals.Joined($"{id}-1", _journals.Draw()));
        _journals.Seated(seat, id, JournalRow.ShareProduced, Journals.Share($"{id}-1", "package", "share"));
    }

    /// <summary>One more record at the end of every party's chain.</summary>
    /// <param name="seats">Who folds it.</param>
    /// <param name="alter">What a seat folds instead.</param>
    internal void Record(ulong at, string kind, JsonObject fields, int seats = 3, Action<JsonObject>? alter = null)
    {
        JsonObject record = new() { ["kind"] = kind, ["position"] = _records.Count, ["at"] = at, ["previous"] = _head };
        foreach ((string name, JsonNode? value) in fields)
        {
            record[name] = value!.DeepClone();
        }

        _records.Add(record);
        _head = RecordReading.Read("coordinator", Recorded(-1, record)).Hash;
        for (int seat = 0; seat < seats; seat++)
        {
            JsonObject folded = record.DeepClone().AsObject();
            alter?.Invoke(folded);
            Recorded(seat, folded);
        }
    }

    /// <summary>Changes one record of the coordinator's chain, and of no other.</summary>
    internal void Alter(int position, Action<JsonObject> alter) => _journals.Replace("coordinator", row =>
    {
        if (row.Manifest != JournalRow.GuardianRecorded || row.Event.GetProperty("record").GetProperty("position").GetInt32() != position)
        {
            return row;
        }

        JsonObject record = JsonNode.Parse(row.Event.GetProperty("record").GetRawText())!.AsObject();
        alter(record);
        return row with { Event = Journals.Json(Event(record)) };
    });

    internal void Tell(string id, Func<WithdrawalAnswer, WithdrawalAnswer>? alter = null, bool isRefused = false, Payment? asked = null)
    {
        Payment payment = asked ?? PaymentOf(id);
        RecordReading[] records =
        [
            .. _journals.All.Single(static party => party.Party == "coordinator").Rows.Where(static row => row.Manifest == JournalRow.GuardianRecorded)
                .Select(static row => RecordReading.Read("coordinator", row)),
        ];
        RecordReading record = records.First(record => record.Kind == RecordReading.WithdrawalAccepted && record.Id == id);
        WithdrawalAnswer answer = new(record.Sequence, record.Position, Reversed(record.Txid), record.Debit, record.At, record.Hash);
        _told.Add(new ClientSession(
            id,
            payment.Message,
            IsAccepted: !isRefused,
            new Dictionary<string, DateTimeOffset>(),
            Withdrawal: new ClientWithdrawal(payment.Txid, payment.Debit, isRefused, isRefused ? [] : [alter?.Invoke(answer) ?? answer], [])));
    }

    internal IReadOnlyList<PartyJournal> All => _journals.All;

    /// <summary>Findings about guardians.</summary>
    internal IReadOnlyList<Finding> Audit() => AuditOf(All);

    internal IReadOnlyList<Finding> AuditOf(IReadOnlyList<PartyJournal> journals) =>
    [
        .. Auditor.Audit(journals, new AuditTerms(Journals.Group, _key, [], new HashSet<int>(), _told))
            .Where(static finding => finding.Invariant.StartsWith('G')),
    ];

    private static string Reversed(string hex) => Convert.ToHexStringLower([.. Convert.FromHexString(hex).Reverse()]);

    private static string Event(JsonObject record) => new JsonObject { ["record"] = record.DeepClone(), ["notedAt"] = Noon }.ToJsonString();

    private JournalRow Recorded(int seat, JsonObject record) => _journals.Guarded(seat, JournalRow.GuardianRecorded, Event(record));
}
