using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Frost;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Wire;

/// <summary>Enumerations travel under their snake_case names; numbers are refused, so that reordering members cannot change a meaning.</summary>
internal sealed class SnakeCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>A value whose whole form is one string.</summary>
internal abstract class TextConverter<T> : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out T value)
            ? value
            : throw new JsonException($"Not a {typeof(T).Name}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value!.ToString());

    protected abstract bool TryParse(string text, out T value);
}

internal sealed class Bytes32Converter : TextConverter<Bytes32>
{
    protected override bool TryParse(string text, out Bytes32 value) => FixedBytes.TryParseHex(text, out value);
}

internal sealed class Bytes64Converter : TextConverter<Bytes64>
{
    protected override bool TryParse(string text, out Bytes64 value) => FixedBytes.TryParseHex(text, out value);
}

internal sealed class XOnlyPublicKeyConverter : TextConverter<XOnlyPublicKey>
{
    protected override bool TryParse(string text, out XOnlyPublicKey value) => XOnlyPublicKey.TryParseHex(text, out value);
}

internal sealed class GroupIdConverter : TextConverter<GroupId>
{
    protected override bool TryParse(string text, out GroupId value) => GroupId.TryParse(text, out value);
}

internal sealed class SessionIdConverter : TextConverter<SessionId>
{
    protected override bool TryParse(string text, out SessionId value) => SessionId.TryParse(text, out value);
}

internal sealed class AttemptIdConverter : TextConverter<AttemptId>
{
    protected override bool TryParse(string text, out AttemptId value)
    {
        bool valid = FixedBytes.TryParseHex(text, out Bytes32 hash);
        value = new AttemptId(hash);
        return valid;
    }
}

internal sealed class PackageHashConverter : TextConverter<PackageHash>
{
    protected override bool TryParse(string text, out PackageHash value)
    {
        bool valid = FixedBytes.TryParseHex(text, out Bytes32 hash);
        value = new PackageHash(hash);
        return valid;
    }
}

internal sealed class CommitmentConverter : TextConverter<Commitment>
{
    protected override bool TryParse(string text, out Commitment value)
    {
        bool valid = FixedBytes.TryParseHex(text, out Bytes66 bytes);
        value = new Commitment(bytes);
        return valid;
    }
}

internal sealed class ShareConverter : TextConverter<Share>
{
    protected override bool TryParse(string text, out Share value)
    {
        bool valid = FixedBytes.TryParseHex(text, out Bytes32 bytes);
        value = new Share(bytes);
        return valid;
    }
}

internal sealed class ScalarConverter : TextConverter<Scalar>
{
    protected override bool TryParse(string text, out Scalar value)
    {
        value = default;
        return FixedBytes.TryParseHex(text, out Bytes32 bytes) && Scalar.TryParse(bytes.AsSpan(), out value);
    }
}

/// <summary>Bytes of any length, as base64.</summary>
internal sealed class ByteStringConverter : JsonConverter<ByteString>
{
    public override ByteString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes) ? ByteString.From(bytes) : throw new JsonException("Not base64.");

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

internal sealed class TweakListConverter : JsonConverter<TweakList>
{
    public override TweakList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<Tweak> tweaks = [];
        ArrayReader.Read(ref reader, TweakList.MaximumCount, (ref element) => tweaks.Add(JsonSerializer.Deserialize(ref element, WireJson.Default.Tweak)));
        return new TweakList(tweaks);
    }

    public override void Write(Utf8JsonWriter writer, TweakList value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (Tweak tweak in value)
        {
            JsonSerializer.Serialize(writer, tweak, WireJson.Default.Tweak);
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

        List<(SeatId, Commitment)> entries = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSeat = SeatId.TryParse(reader.GetString(), out SeatId seat);
            reader.Read();
            bool isCommitment = reader.TokenType == JsonTokenType.String && FixedBytes.TryParseHex(reader.GetString(), out Bytes66 bytes) && Add(seat, bytes);
            if (!isSeat || !isCommitment || entries.Count > SeatId.MaxCount)
            {
                throw new JsonException("Commitments are an object from seat to 66 bytes of hex.");
            }
        }

        return SeatCommitments.TryCreate(entries, out SeatCommitments? commitments) ? commitments : throw new JsonException("Seats are strictly ascending.");

        bool Add(SeatId seat, in Bytes66 bytes)
        {
            entries.Add((seat, new Commitment(bytes)));
            return true;
        }
    }

    public override void Write(Utf8JsonWriter writer, SeatCommitments value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((SeatId seat, Commitment commitment) in value)
        {
            writer.WriteString(seat.ToString(), commitment.ToString());
        }

        writer.WriteEndObject();
    }
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
