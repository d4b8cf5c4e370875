using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SignerCluster.Chaos.Audit;

/// <summary>One record of a guardian's chain as the journal's export tells it, with its hash computed anew.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Ordering">Of its row in its party's journal.</param>
/// <param name="Previous">64 hex digits.</param>
/// <param name="Hash">64 hex digits, over every field.</param>
internal sealed record RecordReading(string Place, long Ordering, string Kind, long Position, ulong At, string Previous, string Hash, JsonElement Fields)
{
    internal const string RulesSet = "rules_set";
    internal const string LooseningAnnounced = "loosening_announced";
    internal const string LooseningApplied = "loosening_applied";
    internal const string WithdrawalAccepted = "withdrawal_accepted";
    internal const string Frozen = "frozen";
    internal const string Unfrozen = "unfrozen";

    internal string Id => TextOf("id");

    internal string Txid => TextOf("txid");

    internal ulong Sequence => NumberOf("sequence");

    internal ulong Debit => NumberOf("debit");

    internal IReadOnlyList<ulong> After => [.. Fields.GetProperty("after").EnumerateArray().Select(static tokens => tokens.GetUInt64())];

    internal RulesReading Rules => RulesReading.Read(Fields.GetProperty("rules"));

    /// <summary>Throws <see cref="FormatException"/> for a record that is none.</summary>
    internal static RecordReading Read(string party, JournalRow row)
    {
        string place = $"{party} {row.Entity} row {row.SequenceNumber}";
        try
        {
            JsonElement record = row.Event.GetProperty("record");
            string kind = record.GetProperty("kind").GetString()!;
            return new RecordReading(
                place,
                row.Ordering,
                kind,
                record.GetProperty("position").GetInt64(),
                record.GetProperty("at").GetUInt64(),
                record.GetProperty("previous").GetString()!,
                HashOf(record, kind),
                record);
        }
        catch (Exception malformed) when (malformed is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"{place}: this is no record of a guardian: {row.Event.GetRawText()}", malformed);
        }
    }

    /// <summary>Where the chain of a group begins.</summary>
    /// <param name="group">64 hex digits.</param>
    internal static string StartOf(string group) => Finish("SignerCluster/guardian/start/v1", [Framed(Convert.FromHexString(group))]);

    private static string HashOf(JsonElement record, string kind) => Finish(
        "SignerCluster/guardian/record/v1",
        [
            Number(record.GetProperty("position")), Number(record.GetProperty("at")), Bytes(record.GetProperty("previous")), Text(kind), .. kind switch
            {
                RulesSet or LooseningAnnounced => RulesReading.Read(record.GetProperty("rules")).Frames(),
                LooseningApplied => [],
                WithdrawalAccepted =>
                [
                    Text(record.GetProperty("id").GetString()!), Bytes(record.GetProperty("txid")), Number(record.GetProperty("sequence")),
                    Number(record.GetProperty("debit")), Count(record.GetProperty("after").GetArrayLength()),
                    .. record.GetProperty("after").EnumerateArray().Select(Number),
                ],
                Frozen or Unfrozen => (byte[][])[Text(record.GetProperty("reason").GetString()!)],
                _ => throw new FormatException($"A record of kind {kind} is not known."),
            },
        ]);

    internal static byte[] Number(JsonElement number) => Number(number.GetUInt64());

    internal static byte[] Number(ulong number)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return Framed(bytes);
    }

    internal static byte[] Count(int count)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, count);
        return Framed(bytes);
    }

    internal static byte[] Text(string text) => Framed(Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(JsonElement hex) => Framed(Convert.FromHexString(hex.GetString()!));

    /// <summary>Each part stands behind its length, so that no two lists of parts have the same bytes.</summary>
    private static byte[] Framed(byte[] part)
    {
        byte[] framed = new byte[sizeof(int) + part.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, part.Length);
        part.CopyTo(framed, sizeof(int));
        return framed;
    }

    /// <summary>A tagged hash of BIP-340.</summary>
    private static string Finish(string tag, IReadOnlyList<byte[]> frames)
    {
        byte[] domain = SHA256.HashData(Encoding.UTF8.GetBytes(tag));
        return Convert.ToHexStringLower(SHA256.HashData([.. domain, .. domain, .. frames.SelectMany(static frame => frame)]));
    }

    private string TextOf(string name) => Fields.GetProperty(name).GetString()!;

    private ulong NumberOf(string name) => Fields.GetProperty(name).GetUInt64();
}
