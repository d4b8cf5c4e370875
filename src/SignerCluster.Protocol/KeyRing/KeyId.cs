using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SignerCluster.Protocol.KeyRing;

/// <summary>Tells keys apart without saying anything of them: 8 bytes derived from a key, 16 hex digits in text.</summary>
public readonly record struct KeyId(ulong Value)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out KeyId id)
    {
        bool valid = text is { Length: 16 } && text.All(char.IsAsciiHexDigitLower)
            && ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _);
        id = valid ? new KeyId(ulong.Parse(text!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)) : default;
        return valid;
    }

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
