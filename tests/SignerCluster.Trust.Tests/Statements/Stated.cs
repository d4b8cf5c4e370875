using System.Security.Cryptography;
using System.Text;
using SignerCluster.Frost;
using SignerCluster.Journal.Audit;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Tests.Statements;

/// <summary>Reports as an audit would make them, with every kind of field in them.</summary>
internal static class Stated
{
    internal static readonly GroupId Group = new(Hash("group"));

    internal static AuditReport Sound { get; } = new(30, 7, 5, 1, 4, 2, [Coordinator, Seat], [], new JournalCheckpoint(40, 30, Hash("rows")));

    internal static AuditReport Damaged { get; } = Sound with
    {
        Findings =
        [
            new AuditFinding("roast/1/s1", 2, "row_unauthentic", "it was altered."), new AuditFinding(string.Empty, null, "journal_diverged", "It is another."),
        ],
    };

    internal static GuardianStanding Coordinator => new(
        new GuardianAddress(Group),
        4,
        Hash("head"),
        Hash("root"),
        3,
        1_699_999_999,
        [new WindowLevel("hour", 970), new WindowLevel("day", ulong.MaxValue)],
        FrozenBecause: null,
        StoppedBecause: null);

    internal static GuardianStanding Seat => Coordinator with
    {
        Guardian = new GuardianAddress(Group, new SeatId(1)),
        Windows = [],
        FrozenBecause = "key suspected",
        StoppedBecause = "fire drill",
    };

    internal static Bytes32 Hash(string text) => FixedBytes.From<Bytes32>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
