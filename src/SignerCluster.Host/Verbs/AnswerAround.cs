using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Http;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Verbs;

/// <summary>What an answer says beside its envelope. Only the envelope is signed, and people read the rest.</summary>
internal static class AnswerAround
{
    /// <summary>The first thing that the answer says otherwise than its envelope proves, in words; null where there is none.</summary>
    internal static string? Contradiction(ReadOnlySpan<byte> answer, WithdrawalEnvelope envelope)
    {
        JsonObject proved = JsonSerializer.SerializeToNode(WithdrawalResponse.Of(envelope.Result.Withdrawal), HttpJson.Default.WithdrawalResponse)!.AsObject();
        JsonObject root = JsonNode.Parse(answer) as JsonObject ?? [];
        return root["envelope"] is null
            ? null
            : Places(root).Select(place => Contradiction(place, proved, envelope)).FirstOrDefault(static found => found is not null);
    }

    /// <summary>Where answers of the API and of the verbs tell of a withdrawal.</summary>
    private static IEnumerable<JsonObject> Places(JsonObject root) =>
        new[] { root, root["withdrawal"] as JsonObject, root["session"] as JsonObject }.OfType<JsonObject>();

    private static string? Contradiction(JsonObject place, JsonObject proved, WithdrawalEnvelope envelope)
    {
        foreach ((string name, JsonNode? value) in proved)
        {
            if (place.TryGetPropertyValue(name, out JsonNode? told) && !JsonNode.DeepEquals(told, value))
            {
                return $"The answer says {name} {told?.ToJsonString()}, and its envelope proves {value?.ToJsonString()}.";
            }
        }

        return place["transaction"] is JsonValue transaction && !IsOf(transaction, envelope)
            ? "The transaction in the answer is not the one that its envelope proves."
            : null;
    }

    private static bool IsOf(JsonValue told, WithdrawalEnvelope envelope) =>
        told.TryGetValue(out string? hex)
        && hex.Length % 2 == 0
        && hex.All(char.IsAsciiHexDigit)
        && Transaction.TryParse(Convert.FromHexString(hex), out Transaction? transaction, out _)
        && transaction.Txid.InternalOrder == envelope.Result.Withdrawal.Txid;
}
