using System.Text.Json;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Tests.Keys;

/// <summary>The layout of what is stored, held to vectors that another implementation made.</summary>
public class EnvelopeVectorTests
{
    private static readonly JsonElement _file =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Keys", "Vectors", "envelope-v1.json"))).RootElement;

    public static TheoryData<string> Rows => Names("rows", 4);

    public static TheoryData<string> Seats => Names("seats", 2);

    public static TheoryData<string> WrappedKeys => Names("wrappedKeys", 2);

    public static TheoryData<string> Rejected => Names("rejected", 17);

    [Theory]
    [MemberData(nameof(Rows))]
    public void K4_A_row_is_sealed_byte_for_byte_and_opened_again(string name)
    {
        JsonElement vector = Vector("rows", name);
        using DataKey key = KeyOf(vector);
        (EntityId id, long number, string manifest) = PlaceOf(vector);
        byte[] message = Bytes(vector, "message");
        Assert.Equal(Text(vector, "keyId"), key.Id.ToString());
        Assert.Equal(
            Text(vector, "envelope"),
            Convert.ToHexStringLower(Envelope.SealRow(key, id, number, manifest, message, nonce => Bytes(vector, "nonce").CopyTo(nonce))));
        Assert.Equal(message, Envelope.OpenRow(key, id, number, manifest, Bytes(vector, "envelope")));
    }

    [Theory]
    [MemberData(nameof(Seats))]
    public void K4_A_seats_share_is_sealed_byte_for_byte_and_opened_for_that_seat_alone(string name)
    {
        JsonElement vector = Vector("seats", name);
        using DataKey key = KeyOf(vector);
        GroupId group = GroupId.Parse(Text(vector, "group"));
        SeatId seat = new(vector.GetProperty("seat").GetInt32());
        byte[] envelope = Bytes(vector, "envelope");
        Assert.Equal(envelope, Envelope.SealSeat(key, group, seat, Bytes(vector, "secret"), nonce => Bytes(vector, "nonce").CopyTo(nonce)));
        byte[] opened = new byte[32];
        Assert.True(Envelope.TryOpenSeat(key, group, seat, envelope, opened));
        Assert.Equal(Bytes(vector, "secret"), opened);
        Assert.False(Envelope.TryOpenSeat(key, group, new SeatId(5), envelope, opened));
        Assert.False(Envelope.TryOpenSeat(key, GroupId.Parse(new string('a', 64)), seat, envelope, opened));
    }

    [Theory]
    [MemberData(nameof(WrappedKeys))]
    public void K4_A_data_key_is_wrapped_byte_for_byte_and_unwrapped_for_its_epoch_and_id_alone(string name)
    {
        JsonElement vector = Vector("wrappedKeys", name);
        using DataKey key = KeyOf(vector);
        using KeyEncryptionKey kek = KeyEncryptionKey.Take(Bytes(vector, "keyEncryptionKey"));
        byte[] wrapped = Bytes(vector, "wrapped");
        Assert.Equal(Text(vector, "keyEncryptionKeyId"), kek.Id.ToString());
        Assert.Equal(wrapped, kek.Wrap(key, nonce => Bytes(vector, "nonce").CopyTo(nonce)));
        using DataKey? unwrapped = kek.Unwrap(key.Epoch, key.Id, wrapped);
        Assert.Equal(key.Id, unwrapped!.Id);
        Assert.Null(kek.Unwrap(key.Epoch + 1, key.Id, wrapped));
        Assert.Null(kek.Unwrap(key.Epoch, new KeyId(1), wrapped));
        Assert.Null(kek.Unwrap(key.Epoch, key.Id, wrapped.AsSpan(1)));
        for (int index = 0; index < wrapped.Length; index++)
        {
            byte[] altered = [.. wrapped];
            altered[index] ^= 0x80;
            Assert.Null(kek.Unwrap(key.Epoch, key.Id, altered));
        }
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public async Task K4_What_is_not_exactly_the_row_that_was_sealed_is_refused_for_its_reason(string name)
    {
        JsonElement vector = Vector("rejected", name);
        await using KeyKeeper keeper = await SealedStores.OpenAsync(new MemoryJournal());
        keeper.Keys.Add(KeyOf(vector));
        (EntityId id, long number, string manifest) = PlaceOf(vector);
        JournalRow row = new(number, manifest, Bytes(vector, "envelope"), Guid.Empty, DateTimeOffset.UnixEpoch, 1, vector.GetProperty("epoch").GetInt32());
        UnreadableHistoryException refused = await Assert.ThrowsAsync<UnreadableHistoryException>(
            async () => await keeper.Sealed.OpenAsync(id, row, CancellationToken.None));
        Assert.Equal(Text(vector, "reason"), refused.Reason);
    }

    [Fact]
    public void K4_Every_flipped_bit_of_an_envelope_is_refused()
    {
        JsonElement vector = Vector("rows", "an event");
        using DataKey key = KeyOf(vector);
        (EntityId id, long number, string manifest) = PlaceOf(vector);
        byte[] envelope = Bytes(vector, "envelope");
        for (int bit = 0; bit < 8 * envelope.Length; bit++)
        {
            byte[] altered = [.. envelope];
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Envelope.OpenRow(key, id, number, manifest, altered));
        }
    }

    private static DataKey KeyOf(JsonElement vector) => DataKey.Take(vector.GetProperty("epoch").GetInt32(), Bytes(vector, "dataKey"));

    private static (EntityId Id, long Number, string Manifest) PlaceOf(JsonElement vector) =>
        (EntityId.Parse(Text(vector, "persistenceId")), vector.GetProperty("sequenceNumber").GetInt64(), Text(vector, "manifest"));

    private static TheoryData<string> Names(string table, int expected)
    {
        TheoryData<string> names = [.. _file.GetProperty(table).EnumerateArray().Select(static vector => Text(vector, "name"))];
        Assert.Equal(expected, names.Count);
        return names;
    }

    private static JsonElement Vector(string table, string name) => _file.GetProperty(table).EnumerateArray().Single(vector => Text(vector, "name") == name);

    private static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(Text(vector, name));
}
