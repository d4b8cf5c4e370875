using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace SignerCluster.Host.Http;

/// <summary>What an operator sees and does of the nodes behind the API: their keys, and what is in quarantine.</summary>
internal sealed class KeyEndpoints(IReadOnlyList<KeptJournal> journals, RequestBodies bodies)
{
    public async Task<IResult> ShowAsync(HttpContext context)
    {
        if (!Query.TryCheck(context.Request.Query, [], out Problem? problem))
        {
            return problem;
        }

        List<NodeKeysResponse> shown = [];
        foreach (KeptJournal kept in journals)
        {
            shown.Add(await NodeKeys.ShowAsync(kept.Name, kept.Provider, kept.Store, progress: null, context.RequestAborted));
        }

        return TypedResults.Json(new KeyListResponse(shown), HttpJson.Default.KeyListResponse);
    }

    /// <summary>Rotates node after node; a provider that fails ends it, and the nodes before stay rotated.</summary>
    public async Task<IResult> RotateAsync(HttpContext context)
    {
        if (!Query.TryCheck(context.Request.Query, [], out Problem? problem))
        {
            return problem;
        }

        (MemoryStream? content, problem) = await bodies.ReadAsync(context);
        if (content is null || !TryParse(content, out RotationRequest? request, out problem))
        {
            return problem!;
        }

        KeptJournal[] chosen = [.. journals.Where(kept => request.Node is null || request.Node == kept.Name)];
        if (chosen.Length == 0)
        {
            return Problem.Malformed("unknown_node", $"The nodes here are: {string.Join(", ", journals.Select(static kept => kept.Name))}.");
        }

        List<RotationResponse> rotated = [];
        foreach (KeptJournal kept in chosen)
        {
            // A caller that goes away does not undo a rotation, so it does not cut one off either.
            rotated.Add(await NodeKeys.RotateAsync(kept, CancellationToken.None));
        }

        return TypedResults.Json(new RotationListResponse(rotated), HttpJson.Default.RotationListResponse);
    }

    public IResult ListQuarantined(HttpContext context) => Query.TryCheck(context.Request.Query, [], out Problem? problem)
        ? TypedResults.Json(
            new QuarantineListResponse([.. journals.SelectMany(static kept => kept.Quarantine.Entities.Select(found =>
                new QuarantinedResponse(kept.Name, found.Id.ToString(), found.SequenceNumber, found.Reason, found.Message)))]),
            HttpJson.Default.QuarantineListResponse)
        : problem;

    private static bool TryParse(MemoryStream content, [NotNullWhen(true)] out RotationRequest? request, [NotNullWhen(false)] out Problem? problem)
    {
        try
        {
            request = JsonSerializer.Deserialize(content.GetBuffer().AsSpan(0, (int)content.Length), HttpJson.Default.RotationRequest);
            problem = request is null ? Malformed() : null;
            return request is not null;
        }
        catch (JsonException)
        {
            (request, problem) = (null, Malformed());
            return false;
        }
    }

    private static Problem Malformed() => Problem.Malformed("malformed_json", "The body is one JSON object, empty or with the text node.");
}
