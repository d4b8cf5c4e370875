using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>The identities that sign for the journals of a data directory or of a cluster node. Disposing zeroes their keys.</summary>
internal sealed class StatementSigners : IDisposable
{
    private readonly Func<string, AuditReport, SignedStatement> _sign;
    private readonly IReadOnlyList<IDisposable> _keys;

    private StatementSigners(
        IReadOnlyDictionary<string, XOnlyPublicKey> identities, Func<string, AuditReport, SignedStatement> sign, IReadOnlyList<IDisposable> keys) =>
        (Identities, _sign, _keys) = (identities, sign, keys);

    /// <summary>By party.</summary>
    internal IReadOnlyDictionary<string, XOnlyPublicKey> Identities { get; }

    /// <summary>
    /// The one identity of a data directory, which is made where no signer has run on it yet. Throws <see cref="DataDirectoryException"/> for a directory that
    /// holds no group, and for a key that cannot be had.
    /// </summary>
    /// <param name="hasSigned">Is there something that it signed before? Then it is never made anew.</param>
    internal static StatementSigners OfData(string path, bool hasSigned)
    {
        using (DataDirectory data = DataDirectory.Look(path))
        {
            if (!Directory.Exists(data.Coordinator.Path))
            {
                throw new DataDirectoryException("data_missing", $"{path} holds no group, so nothing in it can be audited.", isTransient: false);
            }
        }

        IdentityKey identity = hasSigned ? IdentityKey.Load(Wiring.IdentityFileOf(path)) : Wiring.TakeIdentity(path);
        return new StatementSigners(
            new Dictionary<string, XOnlyPublicKey>(StringComparer.Ordinal) { [Wiring.EmbeddedParty] = identity.Public },
            (journal, report) =>
                SignedStatement.Sign(Wiring.EmbeddedParty, journal, report, identity, Wiring.Entropy, TimeProvider.System.GetUtcNow()),
            [identity]);
    }

    /// <summary>
    /// Those of a cluster node's parties, each as the roster knows it. Throws <see cref="UsageException"/> <c>unknown_node</c>, and as
    /// <see cref="PartyTrust.Load"/>.
    /// </summary>
    /// <param name="party">One party alone; null for all of the node.</param>
    internal static StatementSigners OfNode(NodeSettings node, string? party)
    {
        Dictionary<string, PartyTrust> parties = new(StringComparer.Ordinal);
        bool isComplete = false;
        try
        {
            foreach (RoleSettings role in PartyStorage.Select(node, party))
            {
                PartyRole expected = role is CoordinatorRoleSettings ? PartyRole.Coordinator : PartyRole.Participant;
                parties[role.Party] = PartyTrust.Load(role, node, expected, NullLoggerFactory.Instance);
            }

            isComplete = true;
            return new StatementSigners(
                parties.ToDictionary(static one => one.Key, static one => one.Value.Self.Self.Identity, StringComparer.Ordinal),
                (journal, report) => parties[journal].Sign(journal, report),
                [.. parties.Values]);
        }
        finally
        {
            if (!isComplete)
            {
                DisposeAll([.. parties.Values]);
            }
        }
    }

    /// <summary>Says what the audit found in a journal.</summary>
    internal SignedStatement Sign(AuditedJournal journal) => _sign(journal.Name, journal.Report);

    public void Dispose() => DisposeAll(_keys);

    private static void DisposeAll(IReadOnlyList<IDisposable> keys)
    {
        foreach (IDisposable key in keys)
        {
            key.Dispose();
        }
    }
}
