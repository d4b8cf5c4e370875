using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SignerCluster.Chaos.Load;

/// <summary>
/// A payment of the group, made byte by byte: it spends an output of the group that does not exist, pays a stranger, and pays the rest back to the group.
/// </summary>
internal sealed class Payment
{
    private const ulong Brought = 100_000;
    private const ulong Fee = 1_000;
    private static readonly byte[] _version = [2, 0, 0, 0];
    private static readonly byte[] _sequence = [0xff, 0xff, 0xff, 0xff];
    private static readonly byte[] _lockTime = [0, 0, 0, 0];
    private readonly byte[] _own;
    private readonly byte[] _outPoint;
    private readonly byte[] _outputs;

    /// <param name="spent">The transaction whose first output is spent, 64 hex digits.</param>
    /// <param name="outputKey">The group's, 64 hex digits.</param>
    /// <param name="amount">Satoshis to the stranger.</param>
    internal Payment(string spent, string outputKey, ulong amount)
    {
        _own = [0x22, 0x51, 0x20, .. Convert.FromHexString(outputKey)];
        _outPoint = [.. Convert.FromHexString(spent), 0, 0, 0, 0];
        byte[] stranger = [0x16, 0x00, 0x14, .. Convert.FromHexString(spent)[..20]];
        _outputs = [.. Little(amount), .. stranger, .. Little(Brought - amount - Fee), .. _own];
        Debit = amount + Fee;
        Txid = Convert.ToHexStringLower(SHA256.HashData(SHA256.HashData(Transaction)));
        Message = Sighash();
        Psbt = Convert.ToBase64String(
        [
            .. "psbt"u8, 0xff, 1, 0, (byte)Transaction.Length, .. Transaction, 0,
            1, 1, (byte)(sizeof(ulong) + _own.Length), .. Little(Brought), .. _own, 0,
            0, 0,
        ]);
    }

    /// <summary>What leaves the group, the fee included.</summary>
    internal ulong Debit { get; }

    /// <summary>64 hex digits, in the byte order of the protocol.</summary>
    internal string Txid { get; }

    /// <summary>What the group signs by BIP-341, 64 hex digits.</summary>
    internal string Message { get; }

    /// <summary>Base64.</summary>
    internal string Psbt { get; }

    /// <summary>Without witnesses.</summary>
    private byte[] Transaction => [.. _version, 1, .. _outPoint, 0, .. _sequence, 2, .. _outputs, .. _lockTime];

    /// <summary>The transaction with a signature, hex.</summary>
    internal string Signed(string signature) => Convert.ToHexStringLower(
    [
        .. _version, 0, 1, 1, .. _outPoint, 0, .. _sequence, 2, .. _outputs, 1, 64, .. Convert.FromHexString(signature), .. _lockTime,
    ]);

    /// <summary>Of a key path, with the hash type that binds everything.</summary>
    private string Sighash()
    {
        byte[] tag = SHA256.HashData(Encoding.ASCII.GetBytes("TapSighash"));
        return Convert.ToHexStringLower(SHA256.HashData(
        [
            .. tag, .. tag,
            0, 0, .. _version, .. _lockTime,
            .. SHA256.HashData(_outPoint), .. SHA256.HashData(Little(Brought)), .. SHA256.HashData(_own), .. SHA256.HashData(_sequence),
            .. SHA256.HashData(_outputs),
            0, 0, 0, 0, 0,
        ]));
    }

    private static byte[] Little(ulong number)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
    }
}
