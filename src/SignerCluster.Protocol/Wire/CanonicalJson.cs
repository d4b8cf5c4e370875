using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SignerCluster.Protocol.Wire;

/// <summary>
/// The one text that a JSON value has in RFC 8785: members sorted by the UTF-16 code units of their names, no spaces, numbers as ECMAScript writes them. So two
/// texts that say the same have the same hash, whoever wrote them.
/// </summary>
public static class CanonicalJson
{
    private const int MaximumDepth = 64;

    /// <summary>
    /// The canonical text, UTF-8. Throws <see cref="FormatException"/> for what is not exactly one JSON value, has a name twice, is nested deeper than 64, has a
    /// number outside IEEE 754 doubles or a string that is no Unicode (RFC 7493).
    /// </summary>
    public static byte[] Of(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaximumDepth });
            StringBuilder text = new(utf8.Length);
            Write(text, document.RootElement);
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text.ToString());
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or EncoderFallbackException)
        {
            // A lone surrogate is an InvalidOperationException where it is escaped.
            throw new FormatException("This is not one JSON value as RFC 7493 allows it.", malformed);
        }
    }

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(text, value);
                break;
            case JsonValueKind.Array:
                WriteAll(text, '[', value.EnumerateArray(), static (text, item) => Write(text, item), ']');
                break;
            case JsonValueKind.String:
                WriteString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(NumberText(value.GetDouble()));
                break;
            default:
                text.Append(value.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    private static void WriteObject(StringBuilder text, JsonElement value) => WriteAll(
        text,
        '{',
        value.EnumerateObject().OrderBy(static member => member.Name, StringComparer.Ordinal),
        static (text, member) =>
        {
            WriteString(text, member.Name);
            text.Append(':');
            Write(text, member.Value);
        },
        '}');

    private static void WriteAll<T>(StringBuilder text, char open, IEnumerable<T> items, Action<StringBuilder, T> write, char close)
    {
        text.Append(open);
        bool isFirst = true;
        foreach (T item in items)
        {
            if (!isFirst)
            {
                text.Append(',');
            }

            write(text, item);
            isFirst = false;
        }

        text.Append(close);
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char unit in value)
        {
            _ = unit switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => text.Append(unit),
            };
        }

        text.Append('"');
    }

    /// <summary>ECMA-262's Number::toString of a finite double: the shortest digits that read back, laid out by the size of the number.</summary>
    private static string NumberText(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new FormatException("A number is greater than any double.");
        }

        if (value == 0)
        {
            return "0";
        }

        (string digits, int point) = Digits(Math.Abs(value));
        string sign = value < 0 ? "-" : string.Empty;
        return sign + point switch
        {
            > 21 or <= -6 => Scientific(digits, point - 1),
            <= 0 => $"0.{new string('0', -point)}{digits}",
            _ when point >= digits.Length => digits + new string('0', point - digits.Length),
            _ => $"{digits[..point]}.{digits[point..]}",
        };
    }

    private static string Scientific(string digits, int exponent)
    {
        string fraction = digits.Length > 1 ? $".{digits[1..]}" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }

    /// <summary>The significant digits, and how many of them stand before the decimal point (0.012 is "12" and -1).</summary>
    private static (string Digits, int Point) Digits(double value)
    {
        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        string[] halves = parts[0].Split('.');
        string all = string.Concat(halves);
        string digits = all.TrimStart('0');
        int exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        return (digits.TrimEnd('0'), halves[0].Length - (all.Length - digits.Length) + exponent);
    }
}
