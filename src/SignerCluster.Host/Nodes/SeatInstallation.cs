using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// Puts what a dealer gave an operator into that operator's database: the group, and the seats sealed under the ring's keys. Repeating it after an
/// interruption is safe: what is there already stays. Nodes that run see a group when they are started again.
/// </summary>
public static class SeatInstallation
{
    /// <summary>
    /// Installs what a dealer made for the party of a node: a participant's bundle, or the group's document for a coordinator. Throws as
    /// <see cref="InstallSeatsAsync"/>, and <see cref="SettingsException"/>.
    /// </summary>
    /// <param name="variables">The environment that the configuration is read with.</param>
    public static async Task InstallAsync(string configFile, Func<string, string?> variables, string dealtFile, CancellationToken cancellation)
    {
        NodeSettings node = NodeSettings.Load(configFile, variables);
        await (node.Participant is { } participant
            ? InstallSeatsAsync(participant, node, dealtFile, cancellation)
            : InstallGroupAsync(node.Coordinator!, node, dealtFile, cancellation));
    }

    /// <summary>
    /// Installs a participant's bundle. Throws <see cref="DataDirectoryException"/> (<c>bundle_invalid</c>, <c>roster_mismatch</c>, …),
    /// <see cref="JournalException"/> and <see cref="KeyProviderException"/>.
    /// </summary>
    internal static async Task<InstalledGroup> InstallSeatsAsync(
        ParticipantRoleSettings role, NodeSettings node, string bundleFile, CancellationToken cancellation)
    {
        using PartyTrust trust = PartyTrust.Load(role, node, PartyRole.Participant, NullLoggerFactory.Instance);
        SeatBundle bundle = SeatBundle.Load(bundleFile);
        if (bundle.Recipient != trust.Name || bundle.Cluster != trust.Self.Roster.Cluster)
        {
            throw new DataDirectoryException(
                "bundle_invalid",
                $"{bundleFile} is for {bundle.Recipient} of the cluster {bundle.Cluster}; this node belongs to {trust.Name} of {trust.Self.Roster.Cluster}. "
                    + "Use the bundle of this party.",
                isTransient: false);
        }

        await using PartyStorage storage = await PartyStorage.OpenAsync(role, node, NullLoggerFactory.Instance, cancellation);
        using GroupDirectory before = await storage.LoadGroupsAsync(role.Policy, cancellation);
        IReadOnlyList<SecretShare> shares = trust.Open(bundle);
        try
        {
            await GroupFile.InstallAsync(storage.Documents, bundle.GroupContent, bundleFile);
            SeatFiles seats = new(storage.Documents);
            foreach (SecretShare share in shares.Where(share => before.ShareOf(bundle.Group.Id, share.Seat) is null))
            {
                await seats.CreateAsync(bundle.Group.Id, share, storage.Keeper, Wiring.Entropy);
            }

            return new InstalledGroup(bundle.Group.Id, SeatSet.Of([.. shares.Select(static share => share.Seat)]));
        }
        finally
        {
            foreach (SecretShare share in shares)
            {
                share.Dispose();
            }
        }
    }

    /// <summary>Installs a group's public document, as a coordinator needs it. Throws as <see cref="InstallSeatsAsync"/>.</summary>
    internal static async Task<InstalledGroup> InstallGroupAsync(RoleSettings role, NodeSettings node, string groupFile, CancellationToken cancellation)
    {
        byte[] content = ReadGroup(groupFile);
        StoredGroup group = GroupFile.Parse(content, groupFile);
        Roster roster = Roster.Load(node.RosterFile);
        if (group.Holders.Count == 0
            || group.Holders.Any(holder => !PartyName.TryParse(holder, out PartyName name) || roster.Find(name) is not { Role: PartyRole.Participant }))
        {
            throw new DataDirectoryException(
                "roster_mismatch",
                $"{groupFile}: the holders of its seats are not all participants of {node.RosterFile}. Use the roster that the group was dealt with.",
                isTransient: false);
        }

        await using PartyStorage storage = await PartyStorage.OpenAsync(role, node, NullLoggerFactory.Instance, cancellation);
        await GroupFile.InstallAsync(storage.Documents, content, groupFile);
        return new InstalledGroup(group.Id, default);
    }

    private static byte[] ReadGroup(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException("data_missing", $"{path} cannot be read: {fault.Message}", isTransient: false, fault);
        }
    }
}

/// <summary>What was installed.</summary>
/// <param name="Seats">The seats that came with secret shares; none for a coordinator.</param>
internal sealed record InstalledGroup(GroupId Group, SeatSet Seats);
