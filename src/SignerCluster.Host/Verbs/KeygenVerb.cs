using System.CommandLine;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Verbs;

/// <summary><c>keygen</c>: makes a group by trusted dealer, in a data directory or as bundles for the operators of a roster.</summary>
internal static class KeygenVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<int?> _participants =
        new("--participants") { Description = "Seats of the group, one a participant; with --roster all of its participants where not given.", HelpName = "N" };

    private static readonly Option<int> _threshold = new("--threshold") { Description = "Seats that sign together.", Required = true, HelpName = "T" };
    private static readonly Option<string> _network = CommonOptions.Network();

    private static readonly Option<string?> _keyProvider =
        new("--key-provider")
        {
            Description = "Where all nodes of a new directory have their key-encryption keys from; key files in the nodes' folders where not given.",
            HelpName = "FILE.json",
        };

    private static readonly Option<string?> _roster =
        new("--roster") { Description = "The operators of a cluster; each gets a bundle that it alone can open.", HelpName = "FILE" };
    private static readonly Option<string?> _bundles =
        new("--bundles") { Description = "Where the bundles and the group's public file are written; with --roster.", HelpName = "DIR" };

    internal static Command Create(Terminal terminal)
    {
        Command verb = new("keygen", "Make a group; print its id and taproot address.")
        {
            _data, _roster, _bundles, _participants, _threshold, _network, _keyProvider, CommonOptions.Json,
        };
        verb.SetAction((parsed, _) => RunAsync(parsed, terminal));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal)
    {
        if (parsed.GetValue(_roster) is not null || parsed.GetValue(_bundles) is not null)
        {
            return DealOffline(parsed, terminal);
        }

        string data = CommonOptions.RequireData(parsed.GetValue(_data));
        (int threshold, int participants) = (
            parsed.GetValue(_threshold),
            parsed.GetValue(_participants) ?? throw new UsageException("usage", "Option '--participants' is required with --data."));
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

    private static int DealOffline(ParseResult parsed, Terminal terminal)
    {
        if (parsed.GetValue(_data) is not null || parsed.GetValue(_keyProvider) is not null)
        {
            throw new UsageException(
                "options_exclusive",
                "--data and --roster: a group is dealt in one data directory, or as bundles for the operators of a roster. Give one of them; "
                    + "--key-provider belongs to --data.");
        }

        if (parsed.GetValue(_roster) is not { } file || parsed.GetValue(_bundles) is not { } folder)
        {
            throw new UsageException("options_incomplete", "--roster and --bundles belong together: the operators, and the folder for their bundles.");
        }

        Roster roster = Roster.Load(file);
        int known = roster.Parties.Count(static party => party.Role == PartyRole.Participant);
        (int threshold, int participants) = (parsed.GetValue(_threshold), parsed.GetValue(_participants) ?? known);
        if (participants > known)
        {
            throw new UsageException("participants_missing", $"--participants {participants}: {file} has {known} participants. Add the others to the roster.");
        }

        CommonOptions.RequireSize(threshold, participants);
        return OfflineDealer.Deal(roster, threshold, participants, folder, Wiring.Entropy).TryGet(out GroupId group, out FrostRefusal? refusal)
            ? Show(terminal, group, threshold, participants, parsed.GetValue(_network)!)
            : terminal.Report(Failure.Usage(refusal.Code, refusal.Message));
    }

    private static int Show(Terminal terminal, GroupId group, int threshold, int participants, string network)
    {
        XOnlyPublicKey outputKey = Taproot.OutputKey(XOnlyPublicKey.Parse(group.X.AsSpan()), merkleRoot: null);
        string address = SegwitAddress.PayToTaproot(CommonOptions.ReadNetwork(network), outputKey);
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
