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
    /// zeroed before this returns. Every journal is made before any document (S5). A failure part-way leaves a group without its coordinator file, which no
    /// node will use; repeating it makes another group.
    /// </summary>
    /// <param name="keeperOf">Opens the journal of a node and its keys, making them for a new node.</param>
    public static async ValueTask<Outcome<GroupId>> CreateAsync(
        DataDirectory data, int threshold, int participants, Func<NodeDirectory, ValueTask<KeyKeeper>> keeperOf, Entropy entropy)
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
            await keeperOf(data.Coordinator);
            List<KeyKeeper> keepers = [];
            foreach (SecretShare share in dealing.Shares)
            {
                keepers.Add(await keeperOf(data.Participant(share.Seat.Value)));
            }

            foreach ((SecretShare share, KeyKeeper keeper) in dealing.Shares.Zip(keepers))
            {
                if (!dealing.Transcript.Verify(share).TryGet(out _, out refusal))
                {
                    return refusal;
                }

                NodeDirectory participant = data.Participant(share.Seat.Value);
                await CreateAsync(participant.Documents, document);
                await new SeatFiles(participant.Documents).CreateAsync(group, share, keeper, entropy);
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
