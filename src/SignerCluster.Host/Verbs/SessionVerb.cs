using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>session list</c> and <c>session show</c>: look, change nothing.</summary>
internal static class SessionVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly Argument<string> _id = new("ID") { Description = "The session's id." };

    internal static Command Create(Terminal terminal)
    {
        Command list = new("list", "All sessions, oldest first.") { _data, _url, _tokenFile, _group, CommonOptions.Json };
        list.SetAction((parsed, cancellation) => ListAsync(parsed, terminal, cancellation));
        Command show = new("show", "One session: state, attempts, culprits, signature.") { _id, _data, _url, _tokenFile, _group, CommonOptions.Json };
        show.SetAction((parsed, cancellation) => ShowAsync(parsed, terminal, cancellation));
        return new Command("session", "Look at sessions.") { list, show };
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        await using IClusterView view = await OpenAsync(parsed, cancellation);
        IReadOnlyList<SessionLine> sessions = await terminal.WithProgressAsync("Reading…", () => CollectAsync(view, parsed.GetValue(_group), cancellation));
        return terminal.Show(new SessionListDocument(sessions), ResultJson.Readable.SessionListDocument, console =>
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("session", "group", "state", "signature");
            foreach (SessionLine session in sessions)
            {
                table.AddRow(
                    session.Session, $"{session.Group[..16]}…", session.State, session.Signature is { } hex ? $"{hex[..8]}…{hex[^8..]}" : string.Empty);
            }

            console.Write(table);
        });
    }

    private static async Task<IReadOnlyList<SessionLine>> CollectAsync(IClusterView view, string? group, CancellationToken cancellation)
    {
        IReadOnlyList<GroupId> groups = group is null
            ? [.. (await view.ListGroupsAsync(cancellation)).Select(static known => GroupId.Parse(known.Group))]
            : [CommonOptions.RequireGroup(group)];
        List<SessionLine> sessions = [];
        foreach (GroupId one in groups)
        {
            await foreach (SessionLine session in view.ListSessionsAsync(one, cancellation))
            {
                sessions.Add(session);
            }
        }

        return sessions;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        SessionId session = CommonOptions.RequireSession(parsed.GetValue(_id)!, isKnown: true, name: "ID");
        await using IClusterView view = await OpenAsync(parsed, cancellation);
        GroupId group = await view.PickGroupAsync(parsed.GetValue(_group), cancellation);
        return await view.ReadSessionAsync(new CoordinatorAddress(group, session), cancellation) is { } found
            ? terminal.ShowLines(found, ResultJson.Readable.SessionResponse, Lines(found))
            : terminal.Report(Failure.Of(Refusal.Recoverable(
                Refusals.SessionNotFoundCode, $"Session {session} was never opened in group {group}.", ("session", session), ("group", group))));
    }

    private static IEnumerable<string> Lines(SessionResponse session)
    {
        yield return $"session     {session.SessionId}";
        yield return $"group       {session.Group}";
        yield return $"state       {session.State}";
        if (session.Step is { } step)
        {
            yield return $"waits for   {SignProgress.Words(step)}";
        }

        yield return $"message     {session.Message}";
        if (session.OutputKey is not null)
        {
            yield return $"output key  {session.OutputKey}";
            yield return $"signature   {session.Signature}";
        }

        if (session.Proof is { } proof)
        {
            // The text is a stranger's, and a terminal obeys some characters.
            yield return $"proves      {proof.Addresses.Mainnet} ({proof.Path}); --json has the text";
        }

        foreach (AttemptResponse attempt in session.Attempts)
        {
            yield return $"attempt {attempt.Number,-3} {attempt.State} ({attempt.Reason}); signers {Seats(attempt.Signers)}; shares {Seats(attempt.Shares)}";
        }

        foreach (CulpritResponse culprit in session.Culprits)
        {
            yield return $"culprit     seat {culprit.Seat} sent a bad share; --json has the certificate";
        }

        foreach (DeclinedResponse declined in session.Declined)
        {
            yield return $"declined    seat {declined.Seat}: {declined.Code}";
        }

        if (session.Failure is { } failure)
        {
            yield return $"failed      {failure.Code}: {failure.Message}";
        }
    }

    private static string Seats(IReadOnlyList<int> seats) => seats.Count == 0 ? "none" : string.Join(',', seats);

    private static Task<IClusterView> OpenAsync(ParseResult parsed, CancellationToken cancellation) =>
        ClusterView.OpenAsync(parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_tokenFile), cancellation);
}
