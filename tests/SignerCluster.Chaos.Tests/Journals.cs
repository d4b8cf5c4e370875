using System.Globalization;
using System.Text.Json;
using SignerCluster.Chaos.Audit;

namespace SignerCluster.Chaos.Tests;

/// <summary>
/// Journals made by hand: one group of three seats, of which two sign; every session is for the message of a published vector, whose signature is known.
/// </summary>
internal sealed class Journals
{
    internal const string Group = "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";

    // BIP-340, vector 0.
    internal const string Key = "F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9";
    internal const string Message = "0000000000000000000000000000000000000000000000000000000000000000";
    internal const string Signature =
        "E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA821525F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0";
    private const string Roast = "coordinator";
    private static readonly string[] _seats = ["alice", "bob", "carol"];
    private readonly Dictionary<string, List<JournalRow>> _rows = new(StringComparer.Ordinal) { [Roast] = [], ["alice"] = [], ["bob"] = [], ["carol"] = [] };
    private readonly List<ClientSession> _told = [];
    private int _draws;

    internal static DateTimeOffset Noon { get; } = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    internal IReadOnlySet<int> Liars { get; set; } = new HashSet<int>();

    internal IReadOnlyList<PartyJournal> All => [.. _rows.Select(static party => new PartyJournal(party.Key, party.Value))];

    /// <summary>A session that goes well: seats 0 and 1 sign its first attempt.</summary>
    internal static Journals OfOneSession()
    {
        Journals journals = new();
        journals.Sign("s1");
        return journals;
    }

    internal void Sign(string session)
    {
        (string first, string second) = (Draw(), Draw());
        Roasted(session, JournalRow.Requested, $$$"""{"request":{"group":"{{{Group}}}","message":"{{{Message}}}"}}""");
        foreach ((int seat, string commitment) in (ReadOnlySpan<(int, string)>)[(0, first), (1, second)])
        {
            Seated(seat, session, JournalRow.Opened, $$$"""{"request":{"message":"{{{Message}}}"}}""");
            Seated(seat, session, JournalRow.Joined, Joined($"{session}-1", commitment));
        }

        Roasted(session, JournalRow.PackageIssued, $$$"""{"attempt":{"id":"{{{session}}}-1"},"commitments":{"0":"{{{first}}}","1":"{{{second}}}"}}""");
        foreach (int seat in (ReadOnlySpan<int>)[0, 1])
        {
            Seated(seat, session, JournalRow.ShareProduced, Share($"{session}-1", "package", $"share-{session}-{seat}"));
            Roasted(session, JournalRow.ShareAccepted, $$"""{"attempt":"{{session}}-1","seat":{{seat}},"share":"share-{{session}}-{{seat}}"}""");
        }

        Roasted(session, JournalRow.Completed, Completed());
        Seated(0, session, JournalRow.Aggregated, $$"""{"attempt":{"id":"{{session}}-1"},"signature":"{{Signature}}"}""");
        Tell(session, Signature, Noon.AddMinutes(1));
    }

    internal static string Joined(string attempt, string commitment) => $$"""{"attempt":{"id":"{{attempt}}"},"commitment":"{{commitment}}"}""";

    internal static string Share(string attempt, string package, string share) =>
        $$"""{"attempt":{"id":"{{attempt}}"},"package":"{{package}}","share":"{{share}}"}""";

    internal static string Completed(string signature = Signature, string key = Key) =>
        $$"""{"attempt":"a","outputKey":"{{key}}","signature":"{{signature}}"}""";

    /// <summary>A commitment that nobody drew before.</summary>
    internal string Draw() => string.Concat(Enumerable.Range(0, 2).Select(_ => $"02{(++_draws).ToString("x64", CultureInfo.InvariantCulture)}"));

    internal JournalRow Roasted(string session, string manifest, string @event, string writer = "w") =>
        Add(Roast, $"roast/{Group}/{session}", manifest, @event, writer);

    internal JournalRow Seated(int seat, string session, string manifest, string @event) =>
        Add(_seats[seat], $"seat/{Group}/{session}/{seat}", manifest, @event, "w");

    /// <param name="seat">Below zero for the coordinator's guardian.</param>
    internal JournalRow Guarded(int seat, string manifest, string @event) => seat < 0
        ? Add(Roast, $"guard/{Group}", manifest, @event, "w")
        : Add(_seats[seat], $"guard/{Group}/{seat}", manifest, @event, "w");

    internal JournalRow Job(string id, string manifest, string @event) => Add(Roast, $"job/self_v1/{id}", manifest, @event, "w");

    internal void TellJob(string session, params string[] ids) => _told.Add(
        new ClientSession(session, Message, IsAccepted: true, new Dictionary<string, DateTimeOffset>(), JobIds: ids));

    internal void Replace(string party, Func<JournalRow, JournalRow> change) => _rows[party] = [.. _rows[party].Select(change)];

    internal void Remove(string party, Func<JournalRow, bool> which) => _rows[party].RemoveAll(row => which(row));

    internal void Forget(string party) => _rows.Remove(party);

    internal JournalRow Last(string party, string manifest) => _rows[party].Last(row => row.Manifest == manifest);

    internal void Tell(string session, string? signature, DateTimeOffset at, bool clocksAgree = true) => _told.Add(new ClientSession(
        session,
        Message,
        IsAccepted: true,
        signature is null ? new Dictionary<string, DateTimeOffset>() : new Dictionary<string, DateTimeOffset> { [signature] = at },
        clocksAgree));

    internal IReadOnlyList<Finding> Audit() => Auditor.Audit(All, new AuditTerms(Group, Key, [Roast, .. _seats], Liars, _told));

    internal static JsonElement Json(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private JournalRow Add(string party, string entity, string manifest, string @event, string writer)
    {
        long number = _rows[party].Count(row => row.Entity == entity) + 1;
        JournalRow row = new(
            _rows[party].Count + 1, entity, number, manifest, writer, Noon.AddMilliseconds(_rows[party].Count), Json(@event), null);
        _rows[party].Add(row);
        return row;
    }
}
