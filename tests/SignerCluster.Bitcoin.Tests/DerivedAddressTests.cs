using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>Inputs and change of derived addresses: a PSBT names the path, and only deriving it proves anything.</summary>
public sealed class DerivedAddressTests
{
    private static readonly DerivationPath _receiving = DerivationPath.Receiving(5);
    private static readonly DerivationPath _change = DerivationPath.Change(7);
    private static readonly Bytes32 _tree = Taproot.LeafHash(0xC0, Script.ParseHex("51"));

    public static TheoryData<string> Lies => new(_lies.Keys);

    private static readonly Dictionary<string, Func<PsbtMap, ulong, PsbtMap>> _lies = new(StringComparer.Ordinal)
    {
        ["another path"] = static (map, type) => Named(map, type, Payments.Account, [0, 6]),
        ["the same steps below each other"] = static (map, type) => Named(map, type, Payments.Account, [5, 0]),
        ["a hardened step"] = static (map, type) => Named(map, type, Payments.Account, [0x8000_0000, 5]),
        ["a path that is too deep"] = static (map, type) => Named(map, type, Payments.Account, [0, 5, 0, 0, 0, 0, 0, 0]),
        ["another group's fingerprint"] = static (map, type) => Named(map, type, new GroupAccount(Point.Generator.XOnly), [0, 5]),
        ["no path at all"] = static (map, type) => map.Where(kept => kept != type),
        ["the group's own key"] = static (map, type) => Named(map.Where(kept => kept != type), type, Payments.Account, [0, 5], Payments.Group),
    };

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Inputs_of_the_group_and_of_its_children_are_signed_together_and_the_interpreter_takes_the_transaction(int version)
    {
        Psbt psbt = Paying([Payments.Script, Payments.ScriptOf(_receiving), Payments.ScriptOf(_change)], [Payments.Script])
            .WithInputKey(1, Payments.Account, _receiving).WithInputKey(2, Payments.Account, _change);
        psbt = version == 2 ? Payments.ToVersion2(psbt) : psbt;
        Assert.Equal(["m", "m/0/5", "m/1/7"], Payments.Accept(psbt).ToSign.Select(static input => input.Path.ToString()));
        Assert.Equal([1, 3, 3], Payments.Accept(psbt).ToSign.Select(static input => input.Steps.Count));
        SignedPsbt signed = Payments.Complete(psbt);
        Assert.Equal(psbt.UnsignedTransaction.Txid, signed.Transaction!.Txid);
    }

    [Fact]
    public void A_derived_key_may_have_a_script_tree_beside_it_whose_root_is_given()
    {
        Psbt psbt = Paying([Payments.ScriptOf(_receiving, _tree)], [Payments.Script]).WithInputKey(0, Payments.Account, _receiving);
        Assert.Equal(RefusalCodes.PsbtKeyContradiction, Payments.RefusalOf(psbt).Code);
        Assert.NotNull(Payments.Complete(psbt.WithTapMerkleRoot(0, _tree)).Transaction);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void An_input_is_not_the_groups_when_its_path_proves_nothing(string lie)
    {
        Psbt psbt = Paying([Payments.ScriptOf(_receiving)], [Payments.Script]).WithInputKey(0, Payments.Account, _receiving);
        Payments.Accept(psbt);
        PsbtMap spoiled = _lies[lie](psbt.Inputs[0], InputKeyType.TapBip32Derivation);
        BitcoinRefusal refusal = Payments.RefusalOf(psbt.WithMaps([spoiled], [.. psbt.Outputs]));
        Assert.Equal(RefusalCodes.PsbtForeignKey, refusal.Code);
        bool isNamed = lie is "another path" or "the same steps below each other" or "a hardened step" or "a path that is too deep";
        Assert.Equal(isNamed, refusal.Message.Contains("fingerprint", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_internal_key_the_only_path_is_looked_at_and_among_several_none()
    {
        Psbt psbt = Paying([Payments.ScriptOf(_receiving)], [Payments.Script]).WithInputKey(0, Payments.Account, _receiving);
        PsbtMap map = psbt.Inputs[0].Where(static type => type != InputKeyType.TapInternalKey);
        Assert.Single(Payments.Accept(psbt.WithMaps([map], [.. psbt.Outputs])).ToSign);
        map = Named(map, InputKeyType.TapBip32Derivation, Payments.Account, [0, 0], Payments.Account.Derive(DerivationPath.Receiving(0)).InternalKey);
        Assert.Equal(RefusalCodes.PsbtForeignKey, Payments.RefusalOf(psbt.WithMaps([map], [.. psbt.Outputs])).Code);
    }

    [Fact]
    public void An_internal_key_that_a_path_proves_and_the_output_does_not_have_is_a_contradiction()
    {
        Psbt psbt = Paying([Payments.Script], [Payments.Script]).WithInputKey(0, Payments.Account, _receiving);
        Assert.Equal(RefusalCodes.PsbtKeyContradiction, Payments.RefusalOf(psbt).Code);
        psbt = Paying([Payments.ScriptOf(_change)], [Payments.Script]).WithInputKey(0, Payments.Account, _receiving);
        Assert.Equal(RefusalCodes.PsbtKeyContradiction, Payments.RefusalOf(psbt).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Change_is_what_pays_to_the_groups_own_key_or_to_a_child_that_is_proved(int version)
    {
        Psbt psbt = Paying([Payments.Script], [Payments.ScriptOf(_change), Strangers, Payments.Script, Payments.ScriptOf(_receiving)])
            .WithOutputKey(0, Payments.Account, _change).WithOutputKey(3, Payments.Account, _receiving);
        psbt = version == 2 ? Payments.ToVersion2(psbt) : psbt;
        Assert.Equal(
            [new ChangeOutput(0, _change), new ChangeOutput(2, DerivationPath.Root), new ChangeOutput(3, _receiving)], psbt.FindChange(Payments.Group));
        Assert.Empty(psbt.FindChange(Point.Generator.XOnly));
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void An_output_is_no_change_when_its_path_proves_nothing(string lie)
    {
        Psbt psbt = Paying([Payments.Script], [Payments.ScriptOf(_receiving)]).WithOutputKey(0, Payments.Account, _receiving);
        Assert.Single(psbt.FindChange(Payments.Group));
        PsbtMap spoiled = _lies[lie](psbt.Outputs[0], OutputKeyType.TapBip32Derivation);
        Assert.Empty(psbt.WithMaps([.. psbt.Inputs], [spoiled]).FindChange(Payments.Group));
    }

    [Fact]
    public void Lookalikes_of_change_are_no_change()
    {
        Script keyAsProgram = Taproot.ScriptPubKey(Payments.Account.Derive(_change).InternalKey);
        Script[] lookalikes =
        [
            Payments.ScriptOf(_change, _tree),
            Taproot.ScriptPubKey(Taproot.OutputKey(Payments.Group, _tree)),
            keyAsProgram,
            Taproot.ScriptPubKey(Payments.Group),
            Payments.ScriptOf(DerivationPath.Change(8)),
            Strangers,
            Script.From([0x00, 0x20, .. keyAsProgram.AsSpan()[2..]]),
        ];
        Psbt psbt = lookalikes.Select(static (_, index) => index)
            .Aggregate(Paying([Payments.Script], lookalikes), static (current, index) => current.WithOutputKey(index, Payments.Account, _change));
        Assert.Empty(psbt.FindChange(Payments.Group));
    }

    [Fact]
    public void G1_What_leaves_the_group_is_what_its_inputs_bring_less_the_change_that_is_proved()
    {
        Psbt psbt = Paying([Payments.Script, Payments.ScriptOf(_receiving)], [Strangers, Payments.ScriptOf(_change)])
            .WithInputKey(1, Payments.Account, _receiving);
        long paidSat = psbt.UnsignedTransaction.Outputs[0].AmountSat;
        Assert.Equal((ulong)(2 * Payments.InputSat), psbt.OutflowOf(Payments.Group, Payments.Accept(psbt)));
        psbt = psbt.WithOutputKey(1, Payments.Account, _change);
        Assert.Equal((ulong)((2 * Payments.InputSat) - paidSat), psbt.OutflowOf(Payments.Group, Payments.Accept(psbt)));
        PsbtMap lie = Named(psbt.Outputs[1], OutputKeyType.TapBip32Derivation, Payments.Account, [1, 8]);
        psbt = psbt.WithMaps([.. psbt.Inputs], [psbt.Outputs[0], lie]);
        Assert.Equal((ulong)(2 * Payments.InputSat), psbt.OutflowOf(Payments.Group, Payments.Accept(psbt)));
    }

    private static Script Strangers { get; } = Taproot.ScriptPubKey(Point.Generator.XOnly);

    private static Psbt Paying(Script[] spent, Script[] paid)
    {
        TxOut[] prevouts = [.. spent.Select(static script => new TxOut(Payments.InputSat, script))];
        long paidSat = ((spent.Length * Payments.InputSat) - 1_000) / paid.Length;
        TxOut[] outputs = [.. paid.Select(script => new TxOut(paidSat, script))];
        Transaction unsigned = new(2, prevouts.Select(static (_, input) => new TxIn(Payments.Spent(input))), outputs, 0);
        return Psbt.Create(unsigned, prevouts, new XOnlyPublicKey?[prevouts.Length]);
    }

    // For the key that the map names already, or for another one.
    private static PsbtMap Named(PsbtMap map, ulong type, GroupAccount account, uint[] steps, XOnlyPublicKey? key = null)
    {
        Assert.True(key is not null || map.TryGetOnly(type, out _));
        byte[] keyData = key?.ToBytes().AsSpan().ToArray() ?? map.Entries.Single(entry => entry.Type == type).KeyData.ToArray();
        return map.With(type, keyData, OriginOf(account, steps));
    }

    private static byte[] OriginOf(GroupAccount account, uint[] steps)
    {
        byte[] fingerprint = BitConverter.GetBytes(account.Fingerprint);
        return [0, .. fingerprint.Reverse(), .. steps.SelectMany(BitConverter.GetBytes)];
    }
}
