using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SignerCluster.Chaos.Audit;

namespace SignerCluster.Chaos.Load;

/// <summary>
/// A covenant of the group and a request to spend it, made byte by byte; and what an answer is worth, judged by the rules of BIP-341 and BIP-342 alone.
/// </summary>
internal sealed class CovenantJob
{
    internal const string Reserve = "chaos-reserve";
    private const uint Maturity = 100_000;
    private const ulong Brought = 40_000;
    private const string Nums = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0";
    private static readonly byte[] _version = [2, 0, 0, 0];
    private static readonly byte[] _sequence = [0xfd, 0xff, 0xff, 0xff];
    private readonly string _group;
    private readonly byte[] _outPoint;
    private readonly byte[] _outputs;

    /// <param name="group">The group that signs, 64 hex digits.</param>
    /// <param name="id">The orchestrator's.</param>
    /// <param name="spent">The transaction whose first output is the covenant, 64 hex digits in the byte order of the protocol.</param>
    /// <param name="amount">Satoshis to the depositor.</param>
    internal CovenantJob(string group, string id, string spent, ulong amount)
    {
        (_group, Id) = (group, id);
        bool hasCustodian = Convert.FromHexString(spent)[0] % 2 == 1;
        Route = hasCustodian ? "qc_v1" : "self_v1";
        _outPoint = [.. Convert.FromHexString(spent), 0, 0, 0, 0];
        byte[] script = [0x51, 0x20, .. Convert.FromHexString(Depositor.Public)];
        _outputs = [.. Little(amount), (byte)script.Length, .. script];
        string message = Convert.ToHexStringLower(Framed("SignerCluster/approval/v1", Convert.FromHexString(group), TxidBytes));
        ThrowAwayKey[] people = hasCustodian ? [Depositor, Custodian] : [Depositor];
        Body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["routeRequestId"] = id,
            ["request"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["version"] = 1,
                ["reserve"] = Reserve,
                ["epoch"] = 1,
                ["terms"] = TermsOf(group, hasCustodian),
                ["payment"] = new
                {
                    txid = Explorers(spent),
                    vout = 0,
                    amountSat = Brought,
                    branch = "matured",
                    lockHeight = Maturity,
                    outputs = (object[])[new { script = Convert.ToHexStringLower(script), amountSat = amount }],
                },
                ["approvals"] = people.Select(person => person.Public + person.Sign(message)).ToArray(),
            },
        };
    }

    internal static ThrowAwayKey Depositor { get; } = new("chaos depositor");

    internal static ThrowAwayKey Custodian { get; } = new("chaos custodian");

    internal string Id { get; }

    /// <summary><c>self_v1</c>, where the group signs alone, or <c>qc_v1</c>.</summary>
    internal string Route { get; }

    /// <summary>As it is posted.</summary>
    internal object Body { get; }

    /// <summary>The id of the session that signs for the job.</summary>
    internal string Session => SessionOf(Route, Id);

    private byte[] TxidBytes => SHA256.HashData(SHA256.HashData([.. _version, 1, .. _outPoint, 0, .. _sequence, 1, .. _outputs, .. LockTime]));

    private static byte[] LockTime => Little(Maturity)[..sizeof(uint)];

    internal static string SessionOf(string route, string id) =>
        $"job.{Convert.ToHexStringLower(Framed("SignerCluster/covenant-session/v1", Encoding.UTF8.GetBytes(route), Encoding.UTF8.GetBytes(id)))[..48]}";

    /// <summary>
    /// The group's signature in an answer, and the message that it must be over. Throws <see cref="FormatException"/> for an answer that is about another
    /// transaction, or whose script is not what the group was asked to sign under.
    /// </summary>
    internal (string Signature, string Message) Read(JsonElement answer)
    {
        bool isHandoff = answer.TryGetProperty("handoff", out JsonElement handoff) && handoff.ValueKind == JsonValueKind.Object;
        (string signature, byte[] script, byte[] control) = isHandoff
            ? ReadHandoff(handoff)
            : ReadTransaction(Convert.FromHexString(answer.GetProperty("transaction").GetString()!));
        if (!Convert.ToHexStringLower(script).Contains($"20{_group}", StringComparison.Ordinal) || Convert.ToHexStringLower(control[1..33]) != Nums)
        {
            throw new FormatException($"The script of {Id} is none of this group's, or its internal key can sign.");
        }

        return (signature, Sighash(script, control));
    }

    private static Dictionary<string, object> TermsOf(string group, bool hasCustodian)
    {
        Dictionary<string, object> terms = new(StringComparer.Ordinal)
        {
            ["kind"] = hasCustodian ? "qc_v1" : "self_v1",
            ["depositor"] = Depositor.Public,
        };
        if (hasCustodian)
        {
            terms["custodian"] = new { key = Custodian.Public, betaBlocks = 144 };
        }

        (terms["signer"], terms["maturityHeight"], terms["delta2Blocks"]) = (group, Maturity, 1_008);
        return terms;
    }

    private (string Signature, byte[] Script, byte[] Control) ReadHandoff(JsonElement handoff)
    {
        byte[] plain = [.. _version, 1, .. _outPoint, 0, .. _sequence, 1, .. _outputs, .. LockTime];
        Demand(handoff.GetProperty("unsignedTransaction").GetString() == Convert.ToHexStringLower(plain));
        string? signature = handoff.GetProperty("stack").EnumerateArray().Single(static place => place.GetProperty("role").GetString() == "signer")
            .GetProperty("signature").GetString();
        return (
            signature ?? throw new FormatException($"The handoff of {Id} lacks the group's signature."),
            Convert.FromHexString(handoff.GetProperty("leafScript").GetString()!),
            Convert.FromHexString(handoff.GetProperty("controlBlock").GetString()!));
    }

    private (string Signature, byte[] Script, byte[] Control) ReadTransaction(byte[] signed)
    {
        byte[] before = [.. _version, 0, 1, 1, .. _outPoint, 0, .. _sequence, 1, .. _outputs];
        Demand(signed.AsSpan().StartsWith(before) && signed.AsSpan().EndsWith(LockTime));
        BytesReading witness = new(signed.AsSpan(before.Length));
        Demand(witness.Count() == 3);
        return (
            Convert.ToHexStringLower(witness.Take(witness.Count())), witness.Take(witness.Count()).ToArray(), witness.Take(witness.Count()).ToArray());
    }

    private void Demand(bool holds)
    {
        if (!holds)
        {
            throw new FormatException($"The answer about {Id} is about another transaction.");
        }
    }

    /// <summary>Of a script path (BIP-0342), with the hash type that binds everything.</summary>
    private string Sighash(byte[] script, byte[] control)
    {
        byte[] leaf = ThrowAwayKey.Tagged("TapLeaf", [(byte)(control[0] & 0xfe), (byte)script.Length, .. script]);
        byte[] root = leaf;
        foreach (byte[] beside in control[33..].Chunk(32))
        {
            root = ThrowAwayKey.Tagged("TapBranch", root.AsSpan().SequenceCompareTo(beside) < 0 ? [.. root, .. beside] : [.. beside, .. root]);
        }

        (string output, bool isOdd) = ThrowAwayKey.Tweaked(control[1..33], root);
        Demand(isOdd == ((control[0] & 1) == 1) && script.Length < 253);
        byte[] covenant = [0x22, 0x51, 0x20, .. Convert.FromHexString(output)];
        return Convert.ToHexStringLower(ThrowAwayKey.Tagged("TapSighash",
        [
            0, 0, .. _version, .. LockTime,
            .. SHA256.HashData(_outPoint), .. SHA256.HashData(Little(Brought)), .. SHA256.HashData(covenant), .. SHA256.HashData(_sequence),
            .. SHA256.HashData(_outputs),
            2, 0, 0, 0, 0, .. leaf, 0, 0xff, 0xff, 0xff, 0xff,
        ]));
    }

    /// <summary>The product's hash of components, each behind its length.</summary>
    private static byte[] Framed(string tag, params IEnumerable<byte[]> components) => ThrowAwayKey.Tagged(
        tag, [.. components.SelectMany(static component => (byte[])[0, 0, 0, (byte)component.Length, .. component])]);

    private static string Explorers(string txid) => Convert.ToHexStringLower([.. Convert.FromHexString(txid).Reverse()]);

    private static byte[] Little(ulong number)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
    }
}
