using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Envelopes;

/// <summary>
/// An envelope as JSON: an object of <c>result</c>, <c>certificate</c>, <c>identity</c>, <c>certificateSignature</c> and <c>signature</c>, bytes in hex.
/// </summary>
public static class EnvelopeText
{
    /// <summary>The object.</summary>
    public static JsonObject Write(WithdrawalEnvelope envelope) => new()
    {
        ["result"] = JsonSerializer.SerializeToNode(envelope.Result, WireJson.Default.WithdrawalResult),
        ["certificate"] = JsonSerializer.SerializeToNode(envelope.Certificate, WireJson.Default.SessionCertificate),
        ["identity"] = envelope.Identity.ToString(),
        ["certificateSignature"] = envelope.CertificateSignature.ToString(),
        ["signature"] = envelope.Signature.ToString(),
    };

    /// <summary>Reads the object, also where it is the member <c>envelope</c> of a larger one, as in an answer of the API. Never throws.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out WithdrawalEnvelope? envelope)
    {
        envelope = null;
        try
        {
            JsonNode? root = JsonNode.Parse(utf8, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonObject found = (root?["envelope"] ?? root) as JsonObject ?? [];
            bool isRead = XOnlyPublicKey.TryParseHex(Text(found, "identity"), out XOnlyPublicKey identity)
                & FixedBytes.TryParseHex(Text(found, "certificateSignature"), out Bytes64 certified)
                & FixedBytes.TryParseHex(Text(found, "signature"), out Bytes64 signature);
            WithdrawalResult? result = found["result"].Deserialize(WireJson.Default.WithdrawalResult);
            SessionCertificate? certificate = found["certificate"].Deserialize(WireJson.Default.SessionCertificate);
            envelope = isRead && result is not null && certificate is not null
                ? new WithdrawalEnvelope(result, certificate, identity, certified, signature)
                : null;
            return envelope is not null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static string? Text(JsonObject found, string name) => found[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
