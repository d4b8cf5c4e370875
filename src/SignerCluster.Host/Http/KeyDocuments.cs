using System.Text.Json.Serialization;

namespace SignerCluster.Host.Http;

// What the API and the verbs say of keys and of quarantine. No part of a key is ever in it.

/// <summary>The keys of every node.</summary>
/// <param name="UnfinishedRewrap">The kind of provider that a rewrap was moving the nodes to when it was interrupted; left out when there is none.</param>
internal sealed record KeyListResponse(IReadOnlyList<NodeKeysResponse> Nodes, string? UnfinishedRewrap = null);

/// <summary>The key ring of one node's journal.</summary>
/// <param name="Node">coordinator or participants-N.</param>
/// <param name="Provider">Where its key-encryption key comes from: file, env or command.</param>
/// <param name="KeyEncryptionKey">Which key-encryption key its data keys are wrapped under: 16 hex digits derived from it, not secret; left out for an empty
/// ring.</param>
/// <param name="ActiveEpoch">The epoch that new rows are sealed under; 0 for an empty ring.</param>
/// <param name="EarlierRows">Rows that still stand under an earlier epoch.</param>
internal sealed record NodeKeysResponse(
    string Node, string Provider, string? KeyEncryptionKey, int ActiveEpoch, long EarlierRows, IReadOnlyList<DataKeyResponse> Keys);

/// <summary>One data key of a ring.</summary>
/// <param name="Id">16 hex digits derived from the key, not secret.</param>
/// <param name="Phase">added, active, superseded or retired.</param>
/// <param name="MessagesReserved">How many messages may have been sealed under it.</param>
/// <param name="EarlierRows">Rows that still need it although it is not the active one.</param>
internal sealed record DataKeyResponse(int Epoch, string Id, string Phase, long MessagesReserved, long EarlierRows);

/// <summary>Asks for a rotation.</summary>
/// <param name="Node">Of this node alone; left out for all of them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RotationRequest(string? Node = null);

/// <summary>The nodes that were rotated.</summary>
internal sealed record RotationListResponse(IReadOnlyList<RotationResponse> Nodes);

/// <summary>One node's new data key.</summary>
/// <param name="Rows">Rows that were moved to it; left out where a running signer moves them in the background.</param>
/// <param name="Unreadable">Rows and seat files that could not be opened and keep their old keys in use; left out likewise.</param>
/// <param name="Complete">Does nothing stand under an earlier key any more? Left out likewise.</param>
internal sealed record RotationResponse(string Node, int FromEpoch, int Epoch, long? Rows = null, long? Unreadable = null, bool? Complete = null);

/// <summary>The entities whose histories cannot be trusted.</summary>
internal sealed record QuarantineListResponse(IReadOnlyList<QuarantinedResponse> Entities);

/// <summary>One entity in quarantine.</summary>
/// <param name="Row">The first row that is wrong.</param>
/// <param name="Reason">row_missing, row_malformed, envelope_malformed, key_unknown, row_unauthentic, event_unreadable or history_impossible.</param>
internal sealed record QuarantinedResponse(string Node, string Entity, long Row, string Reason, string Message);
