using System.CommandLine;
using SignerCluster.Bitcoin;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Runtime;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs;

/// <summary><c>keygen</c>: makes a group by trusted dealer in a data directory.</summary>
internal static class KeygenVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<int> _participants = new("--participants") { Description = "Seats of the group, one a participant.", Required = true, HelpName = "N" };
    private static readonly Option<int> _threshold = new("--threshold") { Description = "Seats that sign together.", Required = true, HelpName = "T" };
    private static readonly Option<string> _network =
        new Option<string>("--network") { Description = "The network of the address that is printed.", DefaultValueFactory = _ => "mainnet" };

    private static readonly Option<string?> _keyProvider =
        new("--key-provider") { Description = "Where all nodes of a new directory have their key-encryption keys from; key files in the nodes' folders where not given.", HelpName = "FILE.json" };

    internal static Command Create(Terminal terminal)
    {
        _network.AcceptOnlyFromAmong("mainnet", "testnet", "regtest");
        Command verb = new("keygen", "Make a group; print its id and taproot address.") { _data, _participants, _threshold, _network, _keyProvider, CommonOptions.Json };
        verb.SetAction((parsed, _) => RunAsync(parsed, terminal));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal)
    {
        string data = CommonOptions.RequireData(parsed.GetValue(_data));
        (int threshold, int participants) = (parsed.GetValue(_threshold), parsed.GetValue(_participants));
        CommonOptions.RequireSize(threshold, participants);
        if (parsed.GetValue(_keyProvider) is { } given)
        {
            KeyProviders.Create(KeyProviderSettings.Load(given, "coordinator"));
        }

        using DataDirectory directory = DataDirectory.Hold(data);
        if (parsed.GetValue(_keyProvider) is { } document)
        {
            KeyProviders.Install(document, directory);
        }

        return (await Wiring.CreateGroupAsync(directory, threshold, participants)).TryGet(out GroupId group, out FrostRefusal? refusal)
            ? Show(terminal, group, threshold, participants, parsed.GetValue(_network)!)
            : terminal.Report(Failure.Usage(refusal.Code, refusal.Message));
    }

    private static int Show(Terminal terminal, GroupId group, int threshold, int participants, string network)
    {
        XOnlyPublicKey outputKey = Taproot.OutputKey(XOnlyPublicKey.Parse(group.X.AsSpan()), merkleRoot: null);
        string address = SegwitAddress.PayToTaproot(Enum.Parse<Network>(network, ignoreCase: true), outputKey);
        KeygenDocument made = new(group.ToString(), outputKey.ToString(), address, threshold, participants);
        return terminal.ShowLines(made, ResultJson.Readable.KeygenDocument,
        [
            $"group       {made.Group}",
            $"output key  {made.OutputKey}",
            $"address     {made.Address}",
            $"threshold   {threshold} of {participants}",
        ]);
    }
}
