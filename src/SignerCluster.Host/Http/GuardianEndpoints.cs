using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Actors.Messages;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Http;

/// <summary>Shows guardians, sets their rules, freezes and stops.</summary>
/// <param name="guardians">Of every party that this process runs for.</param>
internal sealed class GuardianEndpoints(IReadOnlyList<ServedGuardians> guardians, GroupEndpoints groups, RequestBodies bodies, TimeProvider time)
{
    private readonly ServedGuardians? _coordinator = guardians.FirstOrDefault(static party => party.IsCoordinator);

    /// <summary>Does this process have the guardians that make the chains?</summary>
    internal bool IsCoordinator => _coordinator is not null;

    public Task<IResult> ShowAsync(string group, HttpContext context) => WithGroupAsync(group, context, found =>
        TellAsync(found, new GuardianCommand.Show(), context.RequestAborted));

    public Task<IResult> ConfigureAsync(string group, HttpContext context) => WithBodyAsync(
        group,
        context,
        HttpJson.Default.GuardianRulesDocument,
        (found, rules) => rules.ToRules() is { } known
            ? TellAsync(found, new GuardianCommand.Configure(known), CancellationToken.None)
            : Task.FromResult<IResult>(Problem.Malformed("guardian_rules_invalid", "The rules need a window, and each is an object.")));

    public Task<IResult> FreezeAsync(string group, HttpContext context) => SayAsync(group, context, static reason => new GuardianCommand.Freeze(reason));

    public Task<IResult> UnfreezeAsync(string group, HttpContext context) => SayAsync(group, context, static reason => new GuardianCommand.Unfreeze(reason));

    /// <summary>Every party of this process stops its own part, and no other party's.</summary>
    public Task<IResult> StopAsync(string group, HttpContext context) => SayAsync(group, context, static reason => new GuardianCommand.Stop(reason));

    public Task<IResult> ResumeAsync(string group, HttpContext context) => SayAsync(group, context, static reason => new GuardianCommand.Resume(reason));

    public Task<IResult> CapacityAsync(string group, HttpContext context)
    {
        ulong? amount = null;
        if (!Query.TryCheck(context.Request.Query, ["amount"], out Problem? problem)
            || (context.Request.Query.ContainsKey("amount") && !Query.TryReadAmount(context.Request.Query, "amount", out amount, out problem)))
        {
            return Task.FromResult<IResult>(problem);
        }

        return WithFoundAsync(group, async found =>
        {
            FromGuardian answer = await _coordinator!.Desk.AskAsync(new GuardianAddress(found.Id), new GuardianCommand.Show(), context.RequestAborted);
            return answer.Answer is GuardianAnswer.Granted { Reply: GuardianReply.Shown { View: { Rules: not null } view } }
                ? TypedResults.Json(CapacityResponse.Of(view, amount, (ulong)time.GetUtcNow().ToUnixTimeSeconds()), HttpJson.Default.CapacityResponse)
                : ToProblem(answer.Answer, GuardianRefusals.NoGuardian);
        });
    }

    /// <summary>The problem that an answer is; <paramref name="otherwise"/> for one that is none.</summary>
    internal static Problem ToProblem(GuardianAnswer answer, Refusal otherwise) => answer switch
    {
        GuardianAnswer.Refused refused => Problem.Of(refused.Refusal),
        GuardianAnswer.Failed failed => Problem.Unavailable(failed.Code, failed.IsTransient),
        _ => Problem.Of(otherwise),
    };

    /// <summary>Once it has begun it is not given up with the request: nobody could say how far it came.</summary>
    private Task<IResult> SayAsync(string group, HttpContext context, Func<string, GuardianCommand> command) => WithBodyAsync(
        group, context, HttpJson.Default.ReasonRequest, (found, body) => TellAsync(found, command(body.Reason), CancellationToken.None));

    private async Task<IResult> TellAsync(StoredGroup group, GuardianCommand command, CancellationToken cancellation)
    {
        (GuardianResponse? shown, GuardianAnswer? otherwise) = await ServedGuardians.TellAsync(guardians, group.Id, command, cancellation);
        return shown is null ? ToProblem(otherwise!, GuardianRefusals.NoGuardian) : TypedResults.Json(shown, HttpJson.Default.GuardianResponse);
    }

    private Task<IResult> WithGroupAsync(string text, HttpContext context, Func<StoredGroup, Task<IResult>> answer) =>
        Query.TryCheck(context.Request.Query, [], out Problem? problem) ? WithFoundAsync(text, answer) : Task.FromResult<IResult>(problem);

    private async Task<IResult> WithFoundAsync(string text, Func<StoredGroup, Task<IResult>> answer) =>
        groups.TryFind(text, out StoredGroup? found, out Problem? problem) ? await answer(found) : problem;

    private Task<IResult> WithBodyAsync<T>(string group, HttpContext context, JsonTypeInfo<T> json, Func<StoredGroup, T, Task<IResult>> answer)
        where T : class => WithGroupAsync(group, context, async found =>
    {
        (MemoryStream? content, Problem? problem) = await bodies.ReadAsync(context);
        return content is not null && TryParse(content, json, out T? body, out problem) ? await answer(found, body) : problem!;
    });

    internal static bool TryParse<T>(
        MemoryStream content, JsonTypeInfo<T> json, [NotNullWhen(true)] out T? body, [NotNullWhen(false)] out Problem? problem)
        where T : class
    {
        try
        {
            body = JsonSerializer.Deserialize(content.GetBuffer().AsSpan(0, (int)content.Length), json);
            problem = body is null ? Problem.Malformed("malformed_json", "The body is not a JSON object.") : null;
            return body is not null;
        }
        catch (JsonException malformed)
        {
            body = null;
            problem = Problem.Malformed(
                "malformed_json", "The body is not the JSON object that is expected here; /openapi/v1.json describes it.", ("path", malformed.Path ?? "$"));
            return false;
        }
    }
}
