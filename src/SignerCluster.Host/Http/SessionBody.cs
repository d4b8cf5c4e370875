using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Http;

/// <summary>
/// What a caller asks to be signed. Read strictly and by hand, because each way to be wrong has a code of its own: unknown, repeated,
/// missing and ill-typed fields, and anything after the object.
/// </summary>
internal abstract record SessionBody(SessionId Session)
{
    private const string SessionField = "sessionId";
    private const string MessageField = "message";
    private const string PsbtField = "psbt";
    private const string ApprovalsField = "approvals";
    private const string ProofField = "proof";
    private const string ProofMessageField = "proof.message";
    private const string ProofPathField = "proof.path";

    private static readonly string[] _fields = [SessionField, MessageField, PsbtField, ApprovalsField, ProofField];
    private static readonly string[] _proofFields = [ProofMessageField, ProofPathField];

    // What a refusal repeats of a caller's text is bounded.
    private const int QuotedLength = 64;

    private static Problem ApprovalsMalformed { get; } = Problem.Malformed(
        "approvals_malformed",
        $"The field {ApprovalsField} is an array of 1 to {Approval.MaximumCount} texts of 192 hex digits.",
        ("field", ApprovalsField));

    private static Problem Reserved { get; } = Problem.Malformed(
        "session_id_reserved",
        $"Ids that begin with {SessionId.ReservedPrefix} belong to covenant jobs. Choose an id that begins otherwise.",
        ("reserved", SessionId.ReservedPrefix));

    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out SessionBody? body, [NotNullWhen(false)] out Problem? problem)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        Batch<Approval>? approvals = null;
        body = null;
        try
        {
            problem = ReadFields(utf8, fields, ref approvals);
        }
        catch (JsonException malformed)
        {
            problem = Problem.Malformed(
                "malformed_json", "The body is not JSON.", ("line", malformed.LineNumber + 1 ?? 1), ("column", malformed.BytePositionInLine + 1 ?? 1));
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that a text is not Unicode: broken UTF-8, or half of a surrogate pair.
            problem = Problem.Malformed("malformed_json", "A text in the body is not valid Unicode.");
        }

        return problem is null && TryMake(fields, approvals, out body, out problem);
    }

    /// <summary>The body of a withdrawal, as the session that it is.</summary>
    public static bool TryMakeWithdrawal(WithdrawalRequest request, [NotNullWhen(true)] out SessionBody? body, [NotNullWhen(false)] out Problem? problem)
    {
        body = null;
        if (!SessionId.TryParseCallers(request.WithdrawalId, out SessionId id))
        {
            problem = Problem.Malformed(
                "withdrawal_id_invalid", $"A withdrawal id is 1..{SessionId.MaximumLength} characters of a-z 0-9 . _ - and starts with a letter or digit.");
            return false;
        }

        if (id.IsReserved)
        {
            problem = Reserved;
            return false;
        }

        Batch<Approval>? approvals = request.Approvals is { } texts ? ParseApprovals(texts) : null;
        if (approvals is null && request.Approvals is not null)
        {
            problem = ApprovalsMalformed;
            return false;
        }

        (SessionBody? psbt, problem) = ParsePsbt(id, request.Psbt, approvals);
        body = psbt is OfPsbt whole ? new OfWithdrawal(id, whole.Psbt, approvals, request.Timestamp) : null;
        return body is not null;
    }

    private static Problem? ReadFields(ReadOnlySpan<byte> utf8, Dictionary<string, string> fields, ref Batch<Approval>? approvals)
    {
        Utf8JsonReader reader = new(utf8);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Problem.Malformed("malformed_json", "The body is not a JSON object.");
        }

        if (ReadObject(ref reader, string.Empty, _fields, fields, ref approvals) is { } problem)
        {
            return problem;
        }

        return utf8[(int)reader.BytesConsumed..].ContainsAnyExcept(" \t\r\n"u8)
            ? Problem.Malformed("trailing_bytes", "Something follows the JSON object.")
            : null;
    }

    /// <summary>The fields of an object under their full names, such as <c>proof.path</c>; one that is no text has the empty one.</summary>
    private static Problem? ReadObject(
        ref Utf8JsonReader reader, string prefix, string[] known, Dictionary<string, string> fields, ref Batch<Approval>? approvals)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = prefix + reader.GetString()!;
            if (!known.Contains(name))
            {
                return Problem.Malformed(
                    "unknown_field",
                    $"The fields are {string.Join(", ", known)}; there is another one.",
                    ("field", name[..Math.Min(name.Length, QuotedLength)]));
            }

            reader.Read();
            if (ReadValue(ref reader, name, ref approvals, out string text) is { } wrong)
            {
                return wrong;
            }

            if (!fields.TryAdd(name, text))
            {
                return Problem.Malformed("duplicate_field", $"The field {name} is there more than once.", ("field", name));
            }

            if (name == ProofField && ReadObject(ref reader, $"{ProofField}.", _proofFields, fields, ref approvals) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? ReadValue(ref Utf8JsonReader reader, string name, ref Batch<Approval>? approvals, out string text)
    {
        text = string.Empty;
        switch (name)
        {
            case ApprovalsField:
                approvals = ReadApprovals(ref reader);
                return approvals is null ? ApprovalsMalformed : null;
            case ProofField:
                return reader.TokenType == JsonTokenType.StartObject
                    ? null
                    : Problem.Malformed("field_not_object", $"The field {name} is an object.", ("field", name));
            case var _ when reader.TokenType != JsonTokenType.String:
                return Problem.Malformed("field_not_text", $"The field {name} is a text.", ("field", name));
            default:
                text = reader.GetString()!;
                return null;
        }
    }

    private static Batch<Approval>? ReadApprovals(ref Utf8JsonReader reader)
    {
        List<string> texts = [];
        bool isArray = reader.TokenType == JsonTokenType.StartArray;
        while (isArray && texts.Count <= Approval.MaximumCount && reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            texts.Add(reader.GetString()!);
        }

        return reader.TokenType == JsonTokenType.EndArray ? ParseApprovals(texts) : null;
    }

    /// <summary>Null when they are not approvals, or none, or too many.</summary>
    private static Batch<Approval>? ParseApprovals(IReadOnlyList<string?> texts)
    {
        Approval[] approvals = new Approval[texts.Count];
        bool isGood = texts.Count is >= 1 and <= Approval.MaximumCount && texts.Index().All(one => Approval.TryParse(one.Item, out approvals[one.Index]));
        return isGood ? Batch.Of(approvals) : null;
    }

    private static bool TryMake(
        Dictionary<string, string> fields, Batch<Approval>? approvals, [NotNullWhen(true)] out SessionBody? body, [NotNullWhen(false)] out Problem? problem)
    {
        body = null;
        if (!fields.TryGetValue(SessionField, out string? sessionText))
        {
            problem = Problem.Malformed("missing_field", $"The field {SessionField} is missing.", ("field", SessionField));
            return false;
        }

        if (!SessionId.TryParseCallers(sessionText, out SessionId session))
        {
            problem = Problem.Malformed(
                "session_id_invalid", $"A session id is 1..{SessionId.MaximumLength} characters of a-z 0-9 . _ - and starts with a letter or digit.");
            return false;
        }

        if (session.IsReserved)
        {
            problem = Reserved;
            return false;
        }

        const string payloads = $"{MessageField}, {PsbtField} and {ProofField}";
        (body, problem) = (fields.GetValueOrDefault(MessageField), fields.GetValueOrDefault(PsbtField), fields.ContainsKey(ProofField)) switch
        {
            (null, null, false) => (null, Problem.Malformed("message_or_psbt_missing", $"One of {payloads} is needed.")),
            (_, null, _) when approvals is not null =>
                (null, Problem.Malformed("approvals_without_psbt", $"{ApprovalsField} belong to a {PsbtField} and to nothing else.")),
            ({ } message, null, false) => ParseMessage(session, message),
            (null, { } psbt, false) => ParsePsbt(session, psbt, approvals),
            (null, null, true) => ParseProof(session, fields),
            (_, _, false) => (null, Problem.Malformed("message_and_psbt", $"Only one of {payloads} is possible.")),
            _ => (null, Problem.Malformed("proof_and_payload", $"Only one of {payloads} is possible.")),
        };
        return body is not null;
    }

    private static (SessionBody? Body, Problem? Problem) ParseMessage(SessionId session, string hex)
    {
        int expected = 2 * Bytes32.Length;
        if (hex.Length != expected)
        {
            return (null, Problem.Malformed("message_wrong_length", $"A message is {expected} hex digits.", ("expected", expected), ("actual", hex.Length)));
        }

        return FixedBytes.TryParseHex(hex, out Bytes32 message)
            ? (new Bare(session, message), null)
            : (null, Problem.Malformed("message_not_hex", "A message is hex digits only."));
    }

    private static (SessionBody? Body, Problem? Problem) ParsePsbt(SessionId session, string base64, Batch<Approval>? approvals)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length)
            ? (new OfPsbt(session, ByteString.From(bytes.AsSpan(0, length)), approvals), null)
            : (null, Problem.Malformed("psbt_not_base64", "A PSBT is sent as base64."));
    }

    private static (SessionBody? Body, Problem? Problem) ParseProof(SessionId session, Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue(ProofMessageField, out string? text))
        {
            return (null, Problem.Malformed("missing_field", $"The field {ProofMessageField} is missing.", ("field", ProofMessageField)));
        }

        return DerivationPath.TryParse(fields.GetValueOrDefault(ProofPathField, "m"), out DerivationPath? path, out BitcoinRefusal? refusal)
            ? (new OfProof(session, new PolicyArtefact.MessageProof(text, path)), null)
            : (null, Problem.Malformed(refusal.Code, refusal.Message));
    }

    /// <summary>A bare 32-byte message.</summary>
    internal sealed record Bare(SessionId Session, Bytes32 Message) : SessionBody(Session);

    /// <summary>Bytes that claim to be a PSBT, of a group under a guardian.</summary>
    /// <param name="Timestamp">Unix seconds; null for the guardian's own time.</param>
    internal sealed record OfWithdrawal(SessionId Session, ByteString Psbt, Batch<Approval>? Approvals, ulong? Timestamp) : SessionBody(Session);

    /// <summary>Bytes that claim to be a PSBT.</summary>
    internal sealed record OfPsbt(SessionId Session, ByteString Psbt, Batch<Approval>? Approvals) : SessionBody(Session);

    /// <summary>A text that an address is to sign.</summary>
    internal sealed record OfProof(SessionId Session, PolicyArtefact.MessageProof Artefact) : SessionBody(Session);
}
