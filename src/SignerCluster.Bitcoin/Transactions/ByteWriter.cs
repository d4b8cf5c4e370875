using System.Buffers;
using System.Buffers.Binary;

namespace SignerCluster.Bitcoin.Transactions;

/// <summary>Writes Bitcoin's little-endian encodings into a growing buffer.</summary>
internal sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public void WriteByte(byte value) => _buffer.Write([value]);

    public void WriteBytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void WriteInt32(int value) => WriteUInt32(unchecked((uint)value));

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void WriteCompactSize(ulong value)
    {
        Span<byte> span = _buffer.GetSpan(9);
        switch (value)
        {
            case < 0xFD:
                span[0] = (byte)value;
                _buffer.Advance(1);
                break;
            case <= ushort.MaxValue:
                span[0] = 0xFD;
                BinaryPrimitives.WriteUInt16LittleEndian(span[1..], (ushort)value);
                _buffer.Advance(3);
                break;
            case <= uint.MaxValue:
                span[0] = 0xFE;
                BinaryPrimitives.WriteUInt32LittleEndian(span[1..], (uint)value);
                _buffer.Advance(5);
                break;
            default:
                span[0] = 0xFF;
                BinaryPrimitives.WriteUInt64LittleEndian(span[1..], value);
                _buffer.Advance(9);
                break;
        }
    }

    public void WriteVariableBytes(ReadOnlySpan<byte> bytes)
    {
        WriteCompactSize((ulong)bytes.Length);
        WriteBytes(bytes);
    }

    public void WriteOutPoint(OutPoint outPoint)
    {
        WriteBytes(outPoint.Txid.InternalOrder.AsSpan());
        WriteUInt32(outPoint.Index);
    }

    public void WriteTxOut(TxOut output)
    {
        WriteInt64(output.AmountSat);
        WriteVariableBytes(output.ScriptPubKey.AsSpan());
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;
}
