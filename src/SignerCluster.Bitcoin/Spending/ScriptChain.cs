using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Spending;

/// <summary>
/// A BIP-0341 script tree in which every leaf but the last hangs beside all that follow it: the first is at depth 1, the second at 2, the last two are
/// neighbours. So the earlier a script stands, the shorter is its control block. The internal key is <see cref="Taproot.UnspendableKey"/>. Immutable.
/// </summary>
internal sealed class ScriptChain
{
    private readonly Bytes32[] _leaves;

    // The root of what is left when the leaves before the index are taken away.
    private readonly Bytes32[] _rests;
    private readonly bool _hasOddY;

    /// <param name="tapscripts">At least one, and at most <see cref="Taproot.MaximumDepth"/>.</param>
    public ScriptChain(IEnumerable<Script> tapscripts)
    {
        _leaves = [.. tapscripts.Select(static script => Taproot.LeafHash(Taproot.TapscriptVersion, script))];
        _rests = [.. _leaves];
        for (int index = _leaves.Length - 2; index >= 0; index--)
        {
            _rests[index] = Taproot.BranchHash(_leaves[index], _rests[index + 1]);
        }

        ScriptPubKey = Taproot.ScriptPubKey(Taproot.OutputKey(Taproot.UnspendableKey, MerkleRoot, out _hasOddY));
    }

    public Bytes32 MerkleRoot => _rests[0];

    /// <summary>The output that the tree makes.</summary>
    public Script ScriptPubKey { get; }

    public Bytes32 LeafHash(int index) => _leaves[index];

    /// <summary>The 33 + 32·depth bytes that prove the leaf: version and parity, internal key, and the neighbours from the leaf up to the root.</summary>
    public byte[] ControlBlock(int index)
    {
        ByteWriter writer = new();
        writer.WriteByte((byte)(Taproot.TapscriptVersion | (_hasOddY ? 1 : 0)));
        writer.WriteBytes(Taproot.UnspendableKey.ToBytes().AsSpan());
        if (index + 1 < _rests.Length)
        {
            writer.WriteBytes(_rests[index + 1].AsSpan());
        }

        for (int above = index - 1; above >= 0; above--)
        {
            writer.WriteBytes(_leaves[above].AsSpan());
        }

        return writer.ToArray();
    }
}
