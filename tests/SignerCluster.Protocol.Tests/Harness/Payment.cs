using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>A PSBT whose inputs pay from the group (BIP-86), from another key, and from the group again.</summary>
internal static class Payment
{
    internal const int Own = 0;
    internal const int Foreign = 1;
    internal const int OwnToo = 2;

    internal static Psbt Psbt(Party party, long amountSat = 90_000)
    {
        XOnlyPublicKey group = party.Group.GroupKey.XOnly;
        XOnlyPublicKey stranger = Party.Of(2, 3, "stranger").Group.GroupKey.XOnly;
        XOnlyPublicKey[] keys = [group, stranger, group];
        TxOut[] prevouts = [.. keys.Select(static key => new TxOut(40_000, Taproot.ScriptPubKey(Taproot.OutputKey(key, null))))];
        TxIn[] inputs = [.. keys.Select(static (_, index) => new TxIn(new OutPoint(new Txid(Party.Hash($"funding {index}")), (uint)index)))];
        Transaction unsigned = new(2, inputs, [new TxOut(amountSat, Taproot.ScriptPubKey(stranger))], lockTime: 0);
        return Bitcoin.Psbts.Psbt.Create(unsigned, prevouts, [group, null, group]);
    }

    /// <summary>A PSBT whose first inputs pay from derived addresses of the group, m/0/0 and so on, and whose last one pays from its own key.</summary>
    internal static Psbt OfDerived(Party party, int derived)
    {
        GroupAccount account = new(party.Group.GroupKey.XOnly);
        DerivationPath[] paths = [.. Enumerable.Range(0, derived).Select(static index => DerivationPath.Receiving((uint)index)), DerivationPath.Root];
        TxOut[] prevouts = [.. paths.Select(path => new TxOut(40_000, Taproot.ScriptPubKey(account.Derive(path).OutputKey(merkleRoot: null))))];
        TxIn[] inputs = [.. paths.Select(static (_, index) => new TxIn(new OutPoint(new Txid(Party.Hash("funding")), (uint)index)))];
        Transaction unsigned = new(2, inputs, [new TxOut((40_000 * paths.Length) - 1_000, prevouts[0].ScriptPubKey)], lockTime: 0);
        Psbt psbt = Bitcoin.Psbts.Psbt.Create(unsigned, prevouts, new XOnlyPublicKey?[paths.Length]);
        return paths.Select(static (path, index) => (path, index)).Aggregate(psbt, (current, one) => current.WithInputKey(one.index, account, one.path));
    }

    /// <summary>The request that is right for an input of the group.</summary>
    internal static SigningRequest Request(Party party, Psbt psbt, int input = Own)
    {
        Assert.True(psbt.TryFindKeyPathInputs(party.Group.GroupKey.XOnly, out KeyPathInputs? inputs, out _));
        KeyPathInput found = inputs.ToSign.Single(candidate => candidate.Index == input);
        return new SigningRequest(party.Id, found.Sighash, TweakList.Of(found.Steps), Artefact(psbt, input));
    }

    /// <summary>The request that is right for all inputs of the group.</summary>
    internal static SigningRequest RequestForAll(Party party, Psbt psbt)
    {
        Assert.True(psbt.TryFindKeyPathInputs(party.Group.GroupKey.XOnly, out KeyPathInputs? inputs, out _));
        return new SigningRequest(
            party.Id,
            Batch.Of(inputs.ToSign.Select(static input => input.Sighash)),
            Batch.Shared(inputs.ToSign.Select(static input => TweakList.Of(input.Steps))),
            new PolicyArtefact.PsbtInput(ByteString.From(psbt.ToBytes()), Batch.Of(inputs.ToSign.Select(static input => input.Index))));
    }

    /// <summary>The PSBT with the group's signature in an input.</summary>
    internal static Psbt Signed(Party party, Psbt psbt, int input)
    {
        SigningRequest request = Request(party, psbt, input);
        return psbt.WithTapKeySignature(input, party.With(request).Signature().Single, SighashType.Default);
    }

    internal static PolicyArtefact.PsbtInput Artefact(Psbt psbt, int input) => new(ByteString.From(psbt.ToBytes()), input);
}
