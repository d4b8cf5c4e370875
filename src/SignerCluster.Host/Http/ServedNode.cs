using SignerCluster.Actors;
using SignerCluster.Actors.Requests;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Http;

/// <summary>What a process shows and does over HTTP.</summary>
/// <param name="Journals">The journals that the process works on, for keys and quarantine.</param>
internal sealed record ServedNode(GroupDirectory Groups, IReadOnlyList<KeptJournal> Journals, IReadiness Readiness)
{
    /// <summary>Takes requests for signatures; null where nobody may ask for one, as on a participant's node.</summary>
    internal ServedSessions? Sessions { get; init; }

    /// <summary>The guardians of every party that the process runs for.</summary>
    internal IReadOnlyList<ServedGuardians> Guardians { get; init; } = [];

    /// <summary>Takes covenant jobs; null where no registry is configured, and on a participant's node.</summary>
    internal JobDesk? Jobs { get; init; }

    /// <summary>The key of this life of the process, which signs the results of withdrawals; null where nobody may ask for one.</summary>
    internal SessionKey? Session { get; init; }

    /// <summary>What a node of a cluster sees of it; null where there is one process.</summary>
    internal Func<ClusterResponse>? Standing { get; init; }

    /// <summary>Secret nonces that the process holds now.</summary>
    internal Func<int> NoncesHeld { get; init; } = static () => 0;
}

/// <summary>Where signatures are asked for, and the journal in which their sessions are read.</summary>
internal sealed record ServedSessions(SigningDesk Desk, IJournal Journal);

/// <summary>A journal and the keys that it is sealed with.</summary>
/// <param name="Name">What the node or operator is called that it belongs to.</param>
/// <param name="Provider">The kind of the provider of the key-encryption key: <c>file</c>, <c>env</c> or <c>command</c>.</param>
internal sealed record KeptJournal(string Name, string Provider, IJournalStore Store, KeyKeeper Keeper, Quarantine Quarantine);

/// <summary>Says whether the process can do its work at this moment.</summary>
internal interface IReadiness
{
    /// <summary>200 with what was found, or a problem of 503 that names what is down.</summary>
    Task<IResult> AskAsync(CancellationToken cancellation);
}
