using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Wire;

/// <summary>
/// A batch of values of one size as one string of lower-case hex, one behind the other; either case is read. One value alone looks like no batch.
/// </summary>
internal sealed class BatchConverter<T, TBytes, TOne> : JsonConverter<Batch<T>>
    where T : notnull
    where TBytes : unmanaged, IFixedBytes<TBytes>
    where TOne : HexConverter<T, TBytes>, new()
{
    private static readonly TOne _one = new();

    public override Batch<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        int digits = 2 * TBytes.Length;
        ReadOnlySpan<byte> hex = HexText.Of(ref reader);
        if (hex.IsEmpty || hex.Length % digits != 0)
        {
            throw new JsonException($"Not a batch of {typeof(T).Name}: {digits} hex digits are expected for each.");
        }

        T[] values = new T[hex.Length / digits];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = _one.Parse(hex.Slice(index * digits, digits));
        }

        return new Batch<T>(values);
    }

    public override void Write(Utf8JsonWriter writer, Batch<T> value, JsonSerializerOptions options)
    {
        if (value.Count == 1)
        {
            _one.Write(writer, value[0], options);
            return;
        }

        int digits = 2 * TBytes.Length;
        byte[] hex = ArrayPool<byte>.Shared.Rent(value.Count * digits);
        for (int index = 0; index < value.Count; index++)
        {
            _one.Format(value[index], hex.AsSpan(index * digits, digits));
        }

        writer.WriteStringValue(hex.AsSpan(0, value.Count * digits));
        ArrayPool<byte>.Shared.Return(hex);
    }
}

/// <summary>A script as lower-case hex; either case is read.</summary>
internal sealed class ScriptConverter : JsonConverter<Script>
{
    public override Script Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ReadOnlySpan<byte> hex = HexText.Of(ref reader);
        byte[] bytes = new byte[hex.Length / 2];
        return hex.Length > 0 && Convert.FromHexString(hex, bytes, out _, out _) == OperationStatus.Done && hex.Length % 2 == 0
            ? Script.From(bytes)
            : throw new JsonException("A script is hex.");
    }

    public override void Write(Utf8JsonWriter writer, Script value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>One list of tweaks as an array of tweaks, several as an array of such arrays.</summary>
internal sealed class TweakListsConverter : JsonConverter<Batch<TweakList>>
{
    public override Batch<TweakList> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<TweakList> lists = [];
        List<Tweak> tweaks = [];
        ArrayReader.Read(ref reader, int.MaxValue, (ref element) =>
        {
            if (element.TokenType == JsonTokenType.StartArray)
            {
                lists.Add(ReadList(ref element));
            }
            else
            {
                tweaks.Add(JsonSerializer.Deserialize(ref element, WireJson.Default.Tweak));
            }
        });
        return lists.Count switch
        {
            0 when tweaks.Count <= TweakList.MaximumCount => new TweakList(tweaks),
            > 1 when tweaks.Count == 0 => Batch.Of(lists),
            _ => throw new JsonException($"Tweaks are one list of at most {TweakList.MaximumCount}, or several such lists."),
        };
    }

    public override void Write(Utf8JsonWriter writer, Batch<TweakList> value, JsonSerializerOptions options)
    {
        if (value.Count == 1)
        {
            WriteList(writer, value[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (TweakList list in value)
        {
            WriteList(writer, list);
        }

        writer.WriteEndArray();
    }

    private static TweakList ReadList(ref Utf8JsonReader reader)
    {
        List<Tweak> tweaks = [];
        ArrayReader.Read(ref reader, TweakList.MaximumCount, (ref element) => tweaks.Add(JsonSerializer.Deserialize(ref element, WireJson.Default.Tweak)));
        return new TweakList(tweaks);
    }

    private static void WriteList(Utf8JsonWriter writer, TweakList list)
    {
        writer.WriteStartArray();
        foreach (Tweak tweak in list)
        {
            JsonSerializer.Serialize(writer, tweak, WireJson.Default.Tweak);
        }

        writer.WriteEndArray();
    }
}

/// <summary>One number as a number, several as an array.</summary>
internal sealed class InputIndexConverter : JsonConverter<Batch<int>>
{
    public override Batch<int> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return Number(ref reader);
        }

        List<int> numbers = [];
        ArrayReader.Read(ref reader, int.MaxValue, (ref element) => numbers.Add(Number(ref element)));
        return numbers.Count > 1 ? Batch.Of(numbers) : throw new JsonException("One number stands alone, several in an array.");
    }

    public override void Write(Utf8JsonWriter writer, Batch<int> value, JsonSerializerOptions options)
    {
        if (value.Count == 1)
        {
            writer.WriteNumberValue(value[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (int number in value)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static int Number(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number)
            ? number
            : throw new JsonException("The number of an input is an integer.");
}

internal static class HexText
{
    /// <summary>The bytes of a string; none for anything that hex is never written as: escapes, split buffers, another kind of value.</summary>
    internal static ReadOnlySpan<byte> Of(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && !reader.HasValueSequence ? reader.ValueSpan : [];
}
