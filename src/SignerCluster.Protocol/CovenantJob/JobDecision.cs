using System.Globalization;
using System.Text;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>An operator's signed word that a job whose rows cannot be restored is given up: its id stays taken for ever, and it signs nothing.</summary>
/// <param name="Route">As <see cref="CovenantKinds"/> name it.</param>
/// <param name="Reason">1..<see cref="MaximumReasonLength"/> printable characters.</param>
/// <param name="At">Unix seconds, by the operator's clock.</param>
/// <param name="Key">Whoever decided.</param>
/// <param name="Signature">By that key (BIP-0340) over <see cref="MessageOf"/>.</param>
public sealed record JobDecision(string Route, string RouteRequestId, string Reason, ulong At, Bytes32 Key, Bytes64 Signature)
{
    public const int MaximumReasonLength = 500;
    private static readonly TaggedHash _domain = new("SignerCluster/covenant-decision/v1");

    /// <summary>The 32 bytes that are signed.</summary>
    public static Bytes32 MessageOf(JobAddress job, string reason, ulong at) =>
        new FramedHash(_domain).Add(job.Route.ToName()).Add(job.Id.ToString()).Add(reason).Add(at).Finish();

    /// <summary>May a text be a reason? What cannot be seen where it is shown is none.</summary>
    public static bool IsReason(string text) => text.Length is >= 1 and <= MaximumReasonLength && text.EnumerateRunes().All(IsPrintable);

    /// <summary>Is it about this job?</summary>
    public bool IsAbout(JobAddress job) => Route == job.Route.ToName() && RouteRequestId == job.Id.ToString();

    /// <summary>Did its key sign it?</summary>
    public bool IsSignedFor(JobAddress job) =>
        XOnlyPublicKey.TryParse(Key.AsSpan(), out XOnlyPublicKey key) && Bip340.Verify(key, MessageOf(job, Reason, At).AsSpan(), Signature);

    // Half of a surrogate pair is enumerated as the replacement character.
    private static bool IsPrintable(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
