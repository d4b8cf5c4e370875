using System.Security.Cryptography;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;

namespace SignerCluster.Journal.Documents;

/// <summary>Makes groups by trusted dealer and installs each seat on its participant.</summary>
public static class GroupCreation
{
    /// <summary>
    /// Deals a group of <paramref name="participants"/> seats, one a participant; every participant checks its share against the dealer's
    /// commitments before it stores it. Refused for a threshold outside 1..participants or more than 128 participants. The dealer's polynomial is
    /// zeroed before this returns; a failure part-way leaves a group without its coordinator file, which no node will use.
    /// </summary>
    /// <param name="keeperOf">The keeper of keys of the participant with this number.</param>
    public static async ValueTask<Outcome<GroupId>> CreateAsync(
        DataDirectory data, int threshold, int participants, Func<int, ValueTask<KeyKeeper>> keeperOf, Entropy entropy)
    {
        Outcome<Dealing> outcome = Deal(threshold, participants, entropy);
        if (!outcome.TryGet(out Dealing? dealing, out FrostRefusal? refusal))
        {
            return refusal;
        }

        using (dealing)
        {
            GroupId group = new(dealing.Transcript.GroupKey.XOnly);
            NodeDocument document = GroupFile.Create(dealing.Transcript, holders: null);
            foreach (SecretShare share in dealing.Shares)
            {
                if (!dealing.Transcript.Verify(share).TryGet(out _, out refusal))
                {
                    return refusal;
                }

                NodeDirectory participant = data.Participant(share.Seat.Value);
                await CreateAsync(participant.Documents, document);
                await new SeatFiles(participant.Documents).CreateAsync(group, share, await keeperOf(share.Seat.Value), entropy);
            }

            await CreateAsync(data.Coordinator.Documents, document);
            return group;
        }
    }

    private static async ValueTask CreateAsync(INodeDocuments documents, NodeDocument group)
    {
        if (!await documents.TryCreateAsync(DocumentKind.Group, group))
        {
            throw new DataDirectoryException("document_exists", $"{documents.Locate(DocumentKind.Group, group.Name)} is there already.", isTransient: false);
        }
    }

    private static Outcome<Dealing> Deal(int threshold, int participants, Entropy entropy)
    {
        Span<byte> seed = stackalloc byte[32];
        entropy(seed);
        Outcome<Dealing> outcome = Dealer.Deal(seed, threshold, participants);
        CryptographicOperations.ZeroMemory(seed);
        return outcome;
    }
}
