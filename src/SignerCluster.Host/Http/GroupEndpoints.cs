using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Http;

/// <summary>The public data of the groups.</summary>
internal sealed class GroupEndpoints(GroupDirectory groups)
{
    public IResult List() =>
        TypedResults.Json(new GroupListResponse([.. groups.Groups.Select(ToResponse)]), HttpJson.Default.GroupListResponse);

    public IResult Show(string group) =>
        TryFind(group, out StoredGroup? found, out Problem? problem) ? TypedResults.Json(ToResponse(found), HttpJson.Default.GroupResponse) : problem;

    /// <summary>The group that a path names.</summary>
    internal bool TryFind(string text, [NotNullWhen(true)] out StoredGroup? group, [NotNullWhen(false)] out Problem? problem)
    {
        group = null;
        problem = null;
        if (!GroupId.TryParse(text, out GroupId id))
        {
            problem = Problem.Malformed("group_id_invalid", "A group id is 64 hex digits.");
            return false;
        }

        group = groups.Groups.FirstOrDefault(known => known.Id == id);
        problem = group is null
            ? Problem.Of(Refusal.Terminal(Refusals.UnknownGroupCode, $"Group {id} is not known here. The known ones are at /v1/groups.", ("group", id)))
            : null;
        return group is not null;
    }

    internal static GroupResponse ToResponse(StoredGroup stored)
    {
        GroupAccount account = new(stored.Group.GroupKey.XOnly);
        XOnlyPublicKey outputKey = account.Own.OutputKey(merkleRoot: null);
        return new GroupResponse(
            stored.Id.ToString(),
            stored.Group.GroupKey.ToString(),
            outputKey.ToString(),
            AddressesResponse.Of(outputKey),
            stored.Group.Threshold,
            stored.Group.Participants,
            stored.Lifecycle switch
            {
                GroupLifecycle.Active => "active",
                GroupLifecycle.RekeyRequired => "rekey_required",
                GroupLifecycle.Retired => "retired",
                _ => throw new UnreachableException(),
            },
            [.. stored.Group.Seats.Select(seat => stored.Group.PublicShare(seat)?.ToString() ?? string.Empty)],
            [.. stored.Quarantined.Select(static seat => seat.Value)],
            account.AddressDescriptor,
            new WalletResponse(
                GroupAccount.Policy, WalletKeyResponse.Of(account, Network.Mainnet), WalletKeyResponse.Of(account, Network.Testnet)));
    }
}
