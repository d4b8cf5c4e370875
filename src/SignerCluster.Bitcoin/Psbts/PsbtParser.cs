using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The parser behind <see cref="Psbt"/>: reads the maps, holds every field to its rule, then finds what each input spends.</summary>
internal static class PsbtParser
{
    internal static ReadOnlySpan<byte> Magic => [0x70, 0x73, 0x62, 0x74, 0xFF];

    // The first 36 bits of the magic in base64; the seventh character also depends on what follows.
    private static ReadOnlySpan<byte> Base64Magic => "cHNidP"u8;

    private static ReadOnlySpan<byte> Utf8ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static bool TryLoad(ReadOnlySpan<byte> content, [NotNullWhen(true)] out Psbt? psbt, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        psbt = null;
        if (content.StartsWith(Magic) || (!content.IsEmpty && Magic.StartsWith(content)))
        {
            return TryParse(content, out psbt, out refusal);
        }

        if (content.Length > 2 * Psbt.MaximumBytes)
        {
            refusal = TooLarge(content.Length);
            return false;
        }

        byte[] text = WithoutWhitespace(content.StartsWith(Utf8ByteOrderMark) ? content[Utf8ByteOrderMark.Length..] : content);
        if (!text.AsSpan().StartsWith(Base64Magic))
        {
            refusal = NotAPsbt("neither the magic bytes nor their base64 form is at its start");
            return false;
        }

        byte[] binary = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, binary, out int consumed, out int written) == OperationStatus.Done)
        {
            return TryParse(binary.AsSpan(0, written), out psbt, out refusal);
        }

        refusal = text.Length - consumed < 4
            ? new BitcoinRefusal(RefusalCodes.PsbtTruncated, $"The base64 text ends within a group of four, after {text.Length} characters.")
            : new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The base64 text is wrong in the four characters from {consumed} on, whitespace not counted.");
        return false;
    }

    public static bool TryParse(ReadOnlySpan<byte> binary, [NotNullWhen(true)] out Psbt? psbt, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        psbt = null;
        refusal = CheckEnvelope(binary);
        if (refusal is not null)
        {
            return false;
        }

        byte[] file = binary.ToArray();
        ByteReader reader = new(file);
        reader.TryReadBytes(Magic.Length, out _);
        Draft draft = new();
        if (!draft.TryReadGlobal(ref reader, file, out refusal) || !draft.TryReadInputsAndOutputs(ref reader, file, out refusal))
        {
            return false;
        }

        if (reader.Remaining != 0)
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtTrailingBytes, $"{reader.Remaining} bytes follow the last map.");
            return false;
        }

        if (!draft.TryComplete(out Transaction? unsigned, out TxOut?[] prevouts, out refusal))
        {
            return false;
        }

        psbt = new Psbt(draft.Version, unsigned, draft.Global, draft.Inputs, draft.Outputs, prevouts, file);
        return true;
    }

    private static BitcoinRefusal? CheckEnvelope(ReadOnlySpan<byte> binary)
    {
        if (binary.Length > Psbt.MaximumBytes)
        {
            return TooLarge(binary.Length);
        }

        if (binary.StartsWith(Magic))
        {
            return null;
        }

        return !binary.IsEmpty && Magic.StartsWith(binary)
            ? new BitcoinRefusal(RefusalCodes.PsbtTruncated, "The PSBT ends within its magic bytes.")
            : NotAPsbt(binary.IsEmpty ? "it is empty" : "the magic bytes are missing");
    }

    private static bool TryReadMaps(
        ref ByteReader reader,
        ReadOnlyMemory<byte> file,
        string kind,
        int version,
        Func<PsbtEntry, int, string?> rule,
        int count,
        out PsbtMap[] maps,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        maps = new PsbtMap[count];
        refusal = null;
        for (int index = 0; index < count; index++)
        {
            string name = $"{kind} {index}";
            if (!PsbtMap.TryRead(ref reader, file, name, out PsbtMap? map, out refusal))
            {
                return false;
            }

            refusal = PsbtFieldRules.Check(map, name, version, rule);
            if (refusal is not null)
            {
                return false;
            }

            maps[index] = map;
        }

        return true;
    }

    private static byte[] WithoutWhitespace(ReadOnlySpan<byte> text)
    {
        byte[] kept = new byte[text.Length];
        int length = 0;
        foreach (byte character in text)
        {
            if (character is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                kept[length++] = character;
            }
        }

        return kept[..length];
    }

    private static BitcoinRefusal NotAPsbt(string reason) => new(RefusalCodes.PsbtNotAPsbt, $"Not a PSBT: {reason}.");

    private static BitcoinRefusal TooLarge(int length) =>
        new(RefusalCodes.PsbtTooLarge, $"A PSBT of {length} bytes is over the limit of {Psbt.MaximumBytes}.");

    /// <summary>A PSBT while it is read; what fails leaves it unused.</summary>
    private sealed class Draft
    {
        // A version 2 input has an outpoint in two fields, an output an amount and a script; then comes the separator.
        private const int LeastInputBytes = 3 + 32 + 3 + 4 + 1;
        private const int LeastOutputBytes = 3 + 8 + 3 + 1;

        private Transaction? _unsigned;

        public int Version { get; private set; }

        public PsbtMap Global { get; private set; } = PsbtMap.Empty;

        public PsbtMap[] Inputs { get; private set; } = [];

        public PsbtMap[] Outputs { get; private set; } = [];

        public bool TryReadGlobal(ref ByteReader reader, ReadOnlyMemory<byte> file, [NotNullWhen(false)] out BitcoinRefusal? refusal)
        {
            if (!PsbtMap.TryRead(ref reader, file, "the global map", out PsbtMap? global, out refusal))
            {
                return false;
            }

            Global = global;
            // The version comes first: the other fields have rules that depend on it.
            uint version = global.UInt32(GlobalKeyType.Version) ?? 0;
            refusal = version is 0 or 2
                ? PsbtFieldRules.Check(global, "the global map", (int)version, PsbtFieldRules.Global)
                : new BitcoinRefusal(RefusalCodes.PsbtVersionUnsupported, $"This is a version {version} PSBT; versions 0 and 2 are supported.");
            Version = (int)version;
            return refusal is null && (Version == 2 || PsbtTransaction.TryRead(global, out _unsigned, out refusal));
        }

        public bool TryReadInputsAndOutputs(ref ByteReader reader, ReadOnlyMemory<byte> file, [NotNullWhen(false)] out BitcoinRefusal? refusal)
        {
            refusal = null;
            int inputs = _unsigned?.Inputs.Count ?? 0;
            int outputs = _unsigned?.Outputs.Count ?? 0;
            if (_unsigned is null
                && (!PsbtTransaction.TryReadCount(Global, GlobalKeyType.InputCount, LeastInputBytes, reader.Remaining, out inputs, out refusal)
                    || !PsbtTransaction.TryReadCount(Global, GlobalKeyType.OutputCount, LeastOutputBytes, reader.Remaining, out outputs, out refusal)))
            {
                return false;
            }

            bool read = TryReadMaps(ref reader, file, "input", Version, PsbtFieldRules.Input, inputs, out PsbtMap[] inputMaps, out refusal);
            PsbtMap[] outputMaps = [];
            read = read && TryReadMaps(ref reader, file, "output", Version, PsbtFieldRules.Output, outputs, out outputMaps, out refusal);
            (Inputs, Outputs) = (inputMaps, outputMaps);
            return read;
        }

        public bool TryComplete(
            [NotNullWhen(true)] out Transaction? unsigned, out TxOut?[] prevouts, [NotNullWhen(false)] out BitcoinRefusal? refusal)
        {
            refusal = null;
            prevouts = [];
            unsigned = _unsigned;
            return (unsigned is not null || PsbtTransaction.TryAssemble(Global, Inputs, Outputs, out unsigned, out refusal))
                && PsbtPrevouts.TryResolve(unsigned, Inputs, out prevouts, out refusal);
        }
    }
}
