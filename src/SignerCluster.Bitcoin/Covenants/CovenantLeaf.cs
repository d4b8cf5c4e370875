using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Covenants;

/// <summary>A key that signs in a branch, and whose it is.</summary>
public sealed record CovenantKey(CovenantRole Role, XOnlyPublicKey Key);

/// <summary>The tapscript of a branch and what proves it: all that its spending shows, but the signatures.</summary>
public sealed class CovenantLeaf
{
    private readonly byte[] _controlBlock;

    internal CovenantLeaf(CovenantBranch branch, uint lockHeight, IReadOnlyList<CovenantKey> keys, Script script, Bytes32 hash, byte[] controlBlock)
    {
        Branch = branch;
        LockHeight = lockHeight;
        Keys = keys;
        Script = script;
        Hash = hash;
        _controlBlock = controlBlock;
    }

    public CovenantBranch Branch { get; }

    /// <summary>The least lock time of a transaction that takes the branch; 0 when any will do.</summary>
    public uint LockHeight { get; }

    /// <summary>Every key that has to sign, in the order in which the script checks them. The witness has their signatures in the opposite order.</summary>
    public IReadOnlyList<CovenantKey> Keys { get; }

    /// <summary><c>[height OP_CHECKLOCKTIMEVERIFY OP_DROP] {key OP_CHECKSIGVERIFY} key OP_CHECKSIG</c>.</summary>
    public Script Script { get; }

    /// <summary>H_TapLeaf, which the signatures commit to.</summary>
    public Bytes32 Hash { get; }

    /// <summary>The last item of the witness.</summary>
    public ReadOnlySpan<byte> ControlBlock => _controlBlock;

    /// <summary>The finished stack, bottom first, of the signatures in the order of <see cref="Keys"/>.</summary>
    internal Witness Stack(IEnumerable<Bytes64> signatures) =>
        Witness.FromItems([.. signatures.Select(static signature => signature.AsSpan().ToArray()).Reverse(), Script.AsSpan().ToArray(), _controlBlock]);

    internal static Script ScriptOf(uint lockHeight, IReadOnlyList<CovenantKey> keys)
    {
        const byte checkLockTimeVerify = 0xb1;
        const byte drop = 0x75;
        const byte checkSigVerify = 0xad;
        const byte checkSig = 0xac;
        ByteWriter writer = new();
        if (lockHeight > 0)
        {
            writer.WriteBytes(Push(lockHeight));
            writer.WriteBytes([checkLockTimeVerify, drop]);
        }

        for (int index = 0; index < keys.Count; index++)
        {
            writer.WriteVariableBytes(keys[index].Key.ToBytes().AsSpan());
            writer.WriteByte(index < keys.Count - 1 ? checkSigVerify : checkSig);
        }

        return Script.From(writer.Written);
    }

    // Numbers of scripts are little-endian with a sign bit on top, and nodes relay the shortest push only.
    private static byte[] Push(uint number)
    {
        const int beforeOp1 = 0x50;
        if (number <= 16)
        {
            return [(byte)(beforeOp1 + number)];
        }

        List<byte> bytes = [];
        for (uint rest = number; rest > 0; rest >>= 8)
        {
            bytes.Add((byte)rest);
        }

        return bytes[^1] < 0x80 ? [(byte)bytes.Count, .. bytes] : [(byte)(bytes.Count + 1), .. bytes, 0];
    }
}
