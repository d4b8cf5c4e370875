using System.CommandLine;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs;

/// <summary><c>group address</c>: one address below the group's key. Follows from the key alone, so nothing is signed or written.</summary>
internal static class GroupAddress
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Argument<string> _id = new("G") { Description = "The group's id." };
    private static readonly PathOptions _path = new();

    internal static Command Create(Terminal terminal)
    {
        Command verb = new("address", "An address below the group's key. Example: signer group address G --data DIR --index 5")
        {
            _id, _data, _url, _tokenFile, CommonOptions.Json,
        };
        _path.AddTo(verb);
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId id = CommonOptions.RequireGroup(parsed.GetValue(_id), "G");
        DerivationPath path = _path.Read(parsed) ?? throw new UsageException("index_or_path", "--index, --path: which address? Give one of them.");
        await using IClusterView view = await ClusterView.OpenAsync(
            parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_tokenFile), cancellation);
        // Coins at an address of a group that nobody here has could not be moved.
        if ((await view.ListGroupsAsync(cancellation)).All(known => known.Group != id.ToString()))
        {
            return terminal.Report(Failure.Of(Refusals.UnknownGroup(id)));
        }

        DerivedKey key = new GroupAccount(XOnlyPublicKey.Parse(id.X.AsSpan())).Derive(path);
        XOnlyPublicKey outputKey = key.OutputKey(merkleRoot: null);
        GroupAddressDocument address = new(
            id.ToString(), path.ToString(), key.InternalKey.ToString(), outputKey.ToString(), AddressesResponse.Of(outputKey));
        return terminal.ShowLines(address, ResultJson.Readable.GroupAddressDocument,
        [
            $"group       {address.Group}",
            $"path        {address.Path}",
            $"output key  {address.OutputKey}",
            $"mainnet     {address.Addresses.Mainnet}",
            $"testnet     {address.Addresses.Testnet}",
            $"regtest     {address.Addresses.Regtest}",
        ]);
    }
}

/// <summary>An address below a group's key. Keys are x-only hex.</summary>
/// <param name="InternalKey">The derived key, before the taproot tweak.</param>
/// <param name="OutputKey">The key that the address pays to.</param>
internal sealed record GroupAddressDocument(string Group, string Path, string InternalKey, string OutputKey, AddressesResponse Addresses);
