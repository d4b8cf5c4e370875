using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Host.Verbs;

/// <summary><c>approve --json</c>, and what the file of an approval holds.</summary>
/// <param name="Approver">The identity key of whoever approved.</param>
/// <param name="Approval">The key again and the signature, 192 hex digits: what the HTTP API takes.</param>
internal sealed record ApprovalDocument(string Group, string Txid, string Approver, string Approval)
{
    internal static ApprovalDocument Of(GroupId group, Txid txid, Approval approval) =>
        new(group.ToString(), txid.ToString(), approval.Approver.ToString(), approval.ToString());

    /// <summary>
    /// The approval in a file. Throws <see cref="UsageException"/> when it is none, or one of another payment. Whether it counts is for the policy to say.
    /// </summary>
    /// <param name="option">What the caller typed the file behind.</param>
    internal static Approval Load(string option, string path, GroupId group, Txid txid)
    {
        try
        {
            ApprovalDocument? document = JsonSerializer.Deserialize(File.ReadAllBytes(path), ApprovalJson.Default.ApprovalDocument);
            if (document is null || !Protocol.Policy.Approval.TryParse(document.Approval, out Approval approval))
            {
                throw Malformed(option, path);
            }

            return document == Of(group, txid, approval)
                ? approval
                : throw new UsageException(
                    "approval_of_another_payment",
                    $"{option}: {path} approves {document.Txid} of group {document.Group}, and to be signed is {txid} of group {group}.");
        }
        catch (JsonException)
        {
            throw Malformed(option, path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("approval_unreadable", $"{option}: {path} cannot be read: {fault.Message}");
        }
    }

    private static UsageException Malformed(string option, string path) =>
        new("approval_malformed", $"{option}: {path} is not an approval. Make one with: signer approve --psbt FILE --group G --identity FILE --out {path}");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ApprovalDocument))]
internal sealed partial class ApprovalJson : JsonSerializerContext;
