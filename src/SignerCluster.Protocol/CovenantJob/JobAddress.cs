using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>
/// The orchestrator's id of one request on one route: 1..128 characters of <c>a-z 0-9 _ -</c>. Upper case is refused, not folded, so that no two callers' ids
/// become one (N8).
/// </summary>
public readonly record struct RouteRequestId
{
    public const int MaximumLength = 128;
    private readonly string? _text;

    private RouteRequestId(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out RouteRequestId id)
    {
        bool isValid = text is { Length: >= 1 and <= MaximumLength }
            && text.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-');
        id = isValid ? new RouteRequestId(text!) : default;
        return isValid;
    }

    /// <summary>Throws <see cref="FormatException"/> for anything else.</summary>
    public static RouteRequestId Parse(string text) =>
        TryParse(text, out RouteRequestId id) ? id : throw new FormatException($"A request id is 1..{MaximumLength} of a-z, 0-9, _ and -.");

    public override string ToString() => _text ?? throw new InvalidOperationException("An unset request id names nothing.");
}

/// <summary>Names one job of a party: the route that it came by, which is the kind of its covenant, and the orchestrator's id.</summary>
public sealed record JobAddress(CovenantKind Route, RouteRequestId Id)
{
    private static readonly TaggedHash _session = new("SignerCluster/covenant-session/v1");

    /// <summary>
    /// The id of the session that signs for the job. It follows from the address alone: also where every record of the job is lost, the coordinator and each
    /// seat remember what they signed under it, and sign nothing else (C1).
    /// </summary>
    public SessionId Session => SessionId.Parse($"{SessionId.ReservedPrefix}{Hash[..48]}");

    /// <summary>The id that the party gives to the job. It follows from the address, so every node of the party gives the same.</summary>
    public string RequestId => $"job_{(Route == CovenantKind.QcV1 ? "qc" : "self")}_{Hash[..24]}";

    private string Hash => new FramedHash(_session).Add(Route.ToName()).Add(Id.ToString()).Finish().ToString();
}
