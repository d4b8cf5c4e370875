using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Wire;

/// <summary>Arrays whose elements are all there: the serializer itself would let null through for any of them.</summary>
internal static class WholeArray
{
    internal static List<T> Read<T>(ref Utf8JsonReader reader, JsonSerializerOptions options)
        where T : notnull
    {
        JsonTypeInfo<T> json = Element<T>(options);
        List<T> elements = [];
        ArrayReader.Read(ref reader, int.MaxValue, (ref element) =>
            elements.Add(JsonSerializer.Deserialize(ref element, json) ?? throw new JsonException("An element is null.")));
        return elements;
    }

    internal static void Write<T>(Utf8JsonWriter writer, IEnumerable<T> elements, JsonSerializerOptions options)
        where T : notnull
    {
        JsonTypeInfo<T> json = Element<T>(options);
        writer.WriteStartArray();
        foreach (T element in elements)
        {
            JsonSerializer.Serialize(writer, element, json);
        }

        writer.WriteEndArray();
    }

    private static JsonTypeInfo<T> Element<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}

/// <summary>Any number of values.</summary>
internal sealed class ListConverter<T> : JsonConverter<IReadOnlyList<T>>
    where T : class
{
    public override IReadOnlyList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WholeArray.Read<T>(ref reader, options);

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, JsonSerializerOptions options) => WholeArray.Write(writer, value, options);
}

/// <summary>One value or more as an array, also where there is one.</summary>
internal sealed class ArrayConverter<T> : JsonConverter<Batch<T>>
    where T : notnull
{
    public override Batch<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WholeArray.Read<T>(ref reader, options) is { Count: > 0 } elements ? Batch.Of(elements) : throw new JsonException("The array is empty.");

    public override void Write(Utf8JsonWriter writer, Batch<T> value, JsonSerializerOptions options) => WholeArray.Write(writer, value, options);
}

/// <summary>Hashes as an array of hex.</summary>
internal sealed class HashListConverter : JsonConverter<IReadOnlyList<Bytes32>>
{
    private static readonly Bytes32Converter _one = new();

    public override IReadOnlyList<Bytes32> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<Bytes32> hashes = [];
        ArrayReader.Read(ref reader, int.MaxValue, (ref element) => hashes.Add(_one.Read(ref element, typeof(Bytes32), options)));
        return hashes;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<Bytes32> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (Bytes32 hash in value)
        {
            _one.Write(writer, hash, options);
        }

        writer.WriteEndArray();
    }
}

/// <summary>The evidence of a refusal: an object of strings, none of them null and no name twice.</summary>
internal sealed class EvidenceConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Evidence is an object.");
        }

        Dictionary<string, string> evidence = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || !evidence.TryAdd(name, reader.GetString()!))
            {
                throw new JsonException("Evidence is strings by unique names.");
            }
        }

        return evidence;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((string name, string text) in value)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }
}
