using System.Security.Cryptography;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;

namespace SignerCluster.Trust;

/// <summary>Deals a group to the operators of a roster, away from all of their nodes.</summary>
public static class OfflineDealer
{
    /// <summary>
    /// Deals one seat to each of the roster's first <paramref name="participants"/> participants and writes to <paramref name="folder"/> a bundle for each
    /// of them, <c>PARTY.json</c>, and last the group's public document for the coordinators, <c>GROUP.json</c>. Each file is new, on disk when this
    /// returns, and readable by its owner only; no file holds two operators' secrets. The dealer's polynomial and all shares are zeroed before this returns.
    /// Refused for a threshold outside 1..participants. Throws <see cref="DataDirectoryException"/> when a file is there already or cannot be written.
    /// </summary>
    /// <param name="participants">1..the number of participants in the roster.</param>
    public static Outcome<GroupId> Deal(Roster roster, int threshold, int participants, string folder, Entropy entropy)
    {
        PartyName[] holders =
            [.. roster.Parties.Where(static party => party.Role == PartyRole.Participant).Take(participants).Select(static party => party.Name)];
        ArgumentOutOfRangeException.ThrowIfNotEqual(holders.Length, participants);
        if (holders.FirstOrDefault(holder => File.Exists(BundlePath(folder, holder))) is var taken && taken != default)
        {
            throw new DataDirectoryException(
                "bundle_exists",
                $"{BundlePath(folder, taken)} is there already. Give a folder without bundles; one folder is one dealing.",
                isTransient: false);
        }

        if (!DealShares(threshold, participants, entropy).TryGet(out Dealing? dealing, out FrostRefusal? refusal))
        {
            return refusal;
        }

        using (dealing)
        {
            NodeDocument group = GroupFile.Create(dealing.Transcript, [.. holders.Select(static holder => holder.ToString())]);
            for (int seat = 0; seat < holders.Length; seat++)
            {
                DurableFile.Create(BundlePath(folder, holders[seat]), SeatBundle.Seal(roster, holders[seat], group, [dealing.Shares[seat]], entropy));
            }

            DurableFile.Create(Path.Combine(folder, group.Name), group.Content.Span);
            return new GroupId(dealing.Transcript.GroupKey.XOnly);
        }
    }

    private static string BundlePath(string folder, PartyName party) => Path.Combine(folder, $"{party}.json");

    private static Outcome<Dealing> DealShares(int threshold, int participants, Entropy entropy)
    {
        Span<byte> seed32 = stackalloc byte[32];
        entropy(seed32);
        Outcome<Dealing> outcome = Dealer.Deal(seed32, threshold, participants);
        CryptographicOperations.ZeroMemory(seed32);
        return outcome;
    }
}
