using SignerCluster.Journal.Audit;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Statements;

/// <summary>What a party says of one of its journals after it audited it. It speaks for that journal alone, and for what was in it then.</summary>
/// <param name="Journal">The journal's name among those of the party: a party's own, or that of a node of a data directory.</param>
/// <param name="Identity">The party's identity key, as the roster names it.</param>
/// <param name="IssuedAt">Unix seconds.</param>
/// <param name="Report">What was read and found. Its checkpoint vouches for the whole journal only where nothing was found.</param>
public sealed record JournalStatement(string Party, string Journal, XOnlyPublicKey Identity, ulong IssuedAt, AuditReport Report)
{
    private static readonly TaggedHash _domain = new("SignerCluster/journal-statement/v1");

    /// <summary>
    /// 32 bytes that the identity key signs: everything in it, each behind its length. What may be missing is preceded by a number, 1 where it is there and 0
    /// where it is not; a list by its length.
    /// </summary>
    public Bytes32 ComputeDigest()
    {
        JournalCheckpoint checkpoint = Report.Checkpoint;
        FramedHash hash = new FramedHash(_domain)
            .Add(Party).Add(Journal).Add(Identity.ToBytes()).Add(IssuedAt)
            .Add((ulong)checkpoint.LastOrdering).Add((ulong)checkpoint.Rows).Add(checkpoint.Digest)
            .Add((ulong)Report.Entities).Add((ulong)Report.Signatures).Add((ulong)Report.Certificates).Add((ulong)Report.Shares).Add(Report.SeatFiles)
            .Add(Report.Guardians.Count);
        foreach (GuardianStanding guardian in Report.Guardians)
        {
            Add(hash, guardian);
        }

        hash.Add(Report.Findings.Count);
        foreach (AuditFinding finding in Report.Findings)
        {
            AddOptional(hash.Add(finding.Entity), finding.Row).Add(finding.Reason).Add(finding.Message);
        }

        return hash.Finish();
    }

    private static void Add(FramedHash hash, GuardianStanding guardian)
    {
        AddOptional(hash.Add(guardian.Guardian.Group.X), guardian.Guardian.Seat?.Value)
            .Add((ulong)guardian.Records).Add(guardian.Head).Add(guardian.Root).Add(guardian.NextSequence).Add(guardian.UpdatedAt)
            .Add(guardian.Windows.Count);
        foreach (WindowLevel window in guardian.Windows)
        {
            hash.Add(window.Name).Add(window.Tokens);
        }

        AddOptional(hash, guardian.FrozenBecause);
        AddOptional(hash, guardian.StoppedBecause);
    }

    private static FramedHash AddOptional(FramedHash hash, string? text) => text is null ? hash.Add(0) : hash.Add(1).Add(text);

    private static FramedHash AddOptional(FramedHash hash, long? number) => number is { } value ? hash.Add(1).Add((ulong)value) : hash.Add(0);
}
