using System.Text.Json;

namespace SignerCluster.Chaos.Audit;

/// <summary>One line of <c>journal export</c>.</summary>
/// <param name="Event">Undefined when <paramref name="Unreadable"/> says why the row cannot be read.</param>
internal sealed record JournalRow(
    long Ordering, string Entity, long SequenceNumber, string Manifest, string Writer, DateTimeOffset Created, JsonElement Event, string? Unreadable)
{
    internal const string Requested = "roast.signing-requested.v1";
    internal const string PackageIssued = "roast.package-issued.v1";
    internal const string ShareAccepted = "roast.share-accepted.v1";
    internal const string Convicted = "roast.seat-convicted.v1";
    internal const string Completed = "roast.session-completed.v1";
    internal const string Opened = "signing-session.session-opened.v1";
    internal const string Joined = "signing-session.attempt-joined.v1";
    internal const string ShareProduced = "signing-session.share-produced.v1";
    internal const string Aggregated = "signing-session.attempt-aggregated.v1";
    internal const string JobAccepted = "covenant-job.accepted.v1";
    internal const string JobSigned = "covenant-job.signed.v1";
    internal const string GuardianRecorded = "guardian.recorded.v1";

    /// <summary>Throws <see cref="FormatException"/> for a line that is none.</summary>
    internal static JournalRow Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            return new JournalRow(
                row.GetProperty("ordering").GetInt64(),
                Text(row, "entity"),
                row.GetProperty("sequenceNumber").GetInt64(),
                Text(row, "manifest"),
                Text(row, "writer"),
                row.GetProperty("created").GetDateTimeOffset(),
                row.TryGetProperty("event", out JsonElement @event) ? @event.Clone() : default,
                row.TryGetProperty("unreadable", out JsonElement reason) ? reason.GetString() : null);
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"This is no row of a journal: {line[..Math.Min(line.Length, 200)]}", malformed);
        }
    }

    /// <summary>A text of the event. Throws <see cref="FormatException"/> where it has none under this path.</summary>
    internal string EventText(params ReadOnlySpan<string> path)
    {
        JsonElement found = Event;
        foreach (string name in path)
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                throw new FormatException($"{Entity}, row {SequenceNumber}: {Manifest} has no {string.Join('.', path)}.");
            }
        }

        return found.ValueKind == JsonValueKind.String ? found.GetString()! : found.GetRawText();
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");
}

/// <summary>All rows of one party's journal, in the order of their commits.</summary>
internal sealed record PartyJournal(string Party, IReadOnlyList<JournalRow> Rows);

/// <summary>
/// The parts of an entity's id that the auditor needs: <c>roast/group/session</c>, <c>seat/group/session/number</c>, <c>guard/group</c> or
/// <c>guard/group/number</c>. The seat is -1 where there is none.
/// </summary>
internal readonly record struct EntityName(string Kind, string Group, string Session, int Seat)
{
    internal static EntityName Parse(string entity) => entity.Split('/') switch
    {
        ["roast", var group, var session] => new EntityName("roast", group, session, -1),
        ["seat", var group, var session, var seat] when int.TryParse(seat, out int number) => new EntityName("seat", group, session, number),
        ["guard", var group] => new EntityName("guard", group, string.Empty, -1),
        ["guard", var group, var seat] when int.TryParse(seat, out int number) => new EntityName("guard", group, string.Empty, number),
        var parts => new EntityName(parts[0], string.Empty, string.Empty, -1),
    };
}
