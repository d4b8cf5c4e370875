using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Wire;

/// <summary>Enumerations travel under their snake_case names; numbers are refused, so that reordering members cannot change a meaning.</summary>
internal sealed class SnakeCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>A fixed number of bytes as one string of lower-case hex; either case is read.</summary>
internal abstract class HexConverter<T, TBytes> : JsonConverter<T>
    where TBytes : unmanaged, IFixedBytes<TBytes>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(HexText.Of(ref reader));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        Span<byte> hex = stackalloc byte[2 * TBytes.Length];
        Format(value, hex);
        writer.WriteStringValue(hex);
    }

    internal T Parse(ReadOnlySpan<byte> hex) =>
        FixedBytes.TryParseHex(hex, out TBytes bytes) && TryWrap(bytes, out T value)
            ? value
            : throw new JsonException($"Not a {typeof(T).Name}: {2 * TBytes.Length} hex digits are expected.");

    internal void Format(T value, Span<byte> hex)
    {
        TBytes bytes = Unwrap(value);
        Convert.TryToHexStringLower(FixedBytes.View(in bytes), hex, out _);
    }

    protected abstract TBytes Unwrap(T value);

    protected abstract bool TryWrap(in TBytes bytes, out T value);
}

internal sealed class Bytes32Converter : HexConverter<Bytes32, Bytes32>
{
    protected override Bytes32 Unwrap(Bytes32 value) => value;

    protected override bool TryWrap(in Bytes32 bytes, out Bytes32 value)
    {
        value = bytes;
        return true;
    }
}

internal sealed class Bytes64Converter : HexConverter<Bytes64, Bytes64>
{
    protected override Bytes64 Unwrap(Bytes64 value) => value;

    protected override bool TryWrap(in Bytes64 bytes, out Bytes64 value)
    {
        value = bytes;
        return true;
    }
}

internal sealed class GroupIdConverter : HexConverter<GroupId, Bytes32>
{
    protected override Bytes32 Unwrap(GroupId value) => value.X;

    protected override bool TryWrap(in Bytes32 bytes, out GroupId value)
    {
        value = new GroupId(bytes);
        return true;
    }
}

internal sealed class KeyIdConverter : JsonConverter<KeyId>
{
    public override KeyId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && KeyId.TryParse(reader.GetString(), out KeyId id)
            ? id
            : throw new JsonException("Not a key id: 16 hex digits are expected.");

    public override void Write(Utf8JsonWriter writer, KeyId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

internal sealed class DerivationPathConverter : JsonConverter<DerivationPath>
{
    public override DerivationPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && DerivationPath.TryParse(reader.GetString()!, out DerivationPath? path, out _)
            ? path
            : throw new JsonException("Not a path below a group's key.");

    public override void Write(Utf8JsonWriter writer, DerivationPath value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

internal sealed class AttemptIdConverter : HexConverter<AttemptId, Bytes32>
{
    protected override Bytes32 Unwrap(AttemptId value) => value.Hash;

    protected override bool TryWrap(in Bytes32 bytes, out AttemptId value)
    {
        value = new AttemptId(bytes);
        return true;
    }
}

internal sealed class PackageHashConverter : HexConverter<PackageHash, Bytes32>
{
    protected override Bytes32 Unwrap(PackageHash value) => value.Hash;

    protected override bool TryWrap(in Bytes32 bytes, out PackageHash value)
    {
        value = new PackageHash(bytes);
        return true;
    }
}

internal sealed class CommitmentConverter : HexConverter<Commitment, Bytes66>
{
    protected override Bytes66 Unwrap(Commitment value) => value.Bytes;

    protected override bool TryWrap(in Bytes66 bytes, out Commitment value)
    {
        value = new Commitment(bytes);
        return true;
    }
}

internal sealed class ShareConverter : HexConverter<Share, Bytes32>
{
    protected override Bytes32 Unwrap(Share value) => value.Bytes;

    protected override bool TryWrap(in Bytes32 bytes, out Share value)
    {
        value = new Share(bytes);
        return true;
    }
}

internal sealed class ApprovalConverter : HexConverter<Approval, Bytes96>
{
    protected override Bytes96 Unwrap(Approval value) => value.Bytes;

    protected override bool TryWrap(in Bytes96 bytes, out Approval value)
    {
        value = new Approval(bytes);
        return true;
    }
}

internal sealed class XOnlyPublicKeyConverter : HexConverter<XOnlyPublicKey, Bytes32>
{
    protected override Bytes32 Unwrap(XOnlyPublicKey value) => value.ToBytes();

    protected override bool TryWrap(in Bytes32 bytes, out XOnlyPublicKey value) => XOnlyPublicKey.TryParse(bytes.AsSpan(), out value);
}

internal sealed class ScalarConverter : HexConverter<Scalar, Bytes32>
{
    protected override Bytes32 Unwrap(Scalar value) => value.ToBytes();

    protected override bool TryWrap(in Bytes32 bytes, out Scalar value) => Scalar.TryParse(bytes.AsSpan(), out value);
}

internal sealed class SessionIdConverter : JsonConverter<SessionId>
{
    public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && SessionId.TryParse(reader.GetString(), out SessionId id)
            ? id
            : throw new JsonException("Not a session id.");

    public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>Bytes of any length, as base64.</summary>
internal sealed class ByteStringConverter : JsonConverter<ByteString>
{
    public override ByteString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes)
            ? ByteString.From(bytes)
            : throw new JsonException("Not base64.");

    public override void Write(Utf8JsonWriter writer, ByteString value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.AsSpan());
}

internal sealed class SeatIdConverter : JsonConverter<SeatId>
{
    public override SeatId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) && SeatId.TryCreate(number, out SeatId seat)
            ? seat
            : throw new JsonException("A seat is a number in 0..127.");

    public override void Write(Utf8JsonWriter writer, SeatId value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}

/// <summary>An array of strictly ascending numbers: an unsorted or repeated seat is refused at the door (A1).</summary>
internal sealed class SeatSetConverter : JsonConverter<SeatSet>
{
    public override SeatSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<int> seats = [];
        ArrayReader.Read(ref reader, SeatId.MaxCount, (ref element) =>
            seats.Add(element.TokenType == JsonTokenType.Number && element.TryGetInt32(out int seat) ? seat : throw new JsonException("A seat is a number.")));
        return SeatSet.TryFromAscending(seats, out SeatSet set) ? set : throw new JsonException("Seats are strictly ascending numbers in 0..127.");
    }

    public override void Write(Utf8JsonWriter writer, SeatSet value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (SeatId seat in value)
        {
            writer.WriteNumberValue(seat.Value);
        }

        writer.WriteEndArray();
    }
}

/// <summary>An object from ascending seat numbers to commitments.</summary>
internal sealed class SeatCommitmentsConverter : JsonConverter<SeatCommitments>
{
    public override SeatCommitments Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Commitments are an object.");
        }

        JsonConverter<Batch<Commitment>> batch = Batch(options);
        List<(SeatId, Batch<Commitment>)> entries = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSeat = SeatId.TryParse(reader.GetString(), out SeatId seat);
            reader.Read();
            entries.Add((seat, batch.Read(ref reader, typeof(Batch<Commitment>), options)!));
            if (!isSeat || entries.Count > SeatId.MaxCount)
            {
                throw new JsonException("Commitments are an object from seat to 66 bytes of hex a message.");
            }
        }

        return SeatCommitments.TryCreate(entries, out SeatCommitments? commitments)
            ? commitments
            : throw new JsonException("Seats are strictly ascending, and each has as many commitments.");
    }

    public override void Write(Utf8JsonWriter writer, SeatCommitments value, JsonSerializerOptions options)
    {
        JsonConverter<Batch<Commitment>> batch = Batch(options);
        writer.WriteStartObject();
        foreach ((SeatId seat, Batch<Commitment> commitment) in value)
        {
            writer.WritePropertyName(seat.ToString());
            batch.Write(writer, commitment, options);
        }

        writer.WriteEndObject();
    }

    private static JsonConverter<Batch<Commitment>> Batch(JsonSerializerOptions options) =>
        (JsonConverter<Batch<Commitment>>)options.GetConverter(typeof(Batch<Commitment>));
}

internal static class ArrayReader
{
    internal delegate void Element(ref Utf8JsonReader reader);

    /// <summary>Reads an array of at most <paramref name="capacity"/> elements, leaving the reader on its end.</summary>
    internal static void Read(ref Utf8JsonReader reader, int capacity, Element element)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Expected an array.");
        }

        for (int count = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count >= capacity)
            {
                throw new JsonException($"At most {capacity} elements.");
            }

            element(ref reader);
        }
    }
}
