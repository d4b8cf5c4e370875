using System.Security.Cryptography;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime.Tests.Storage;

/// <summary>What a participant's folder must refuse: keys that others may read, and seats that are not what they were when they were sealed.</summary>
public sealed class SeatFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-seats").FullName;
    private readonly GroupId _group;
    private readonly GroupId _other;

    public SeatFileTests()
    {
        using DataDirectory data = DataDirectory.Hold(_folder);
        _group = GroupCreation.Create(data, threshold: 2, participants: 3, RandomNumberGenerator.Fill).Value;
        _other = GroupCreation.Create(data, threshold: 2, participants: 3, RandomNumberGenerator.Fill).Value;
    }

    private string KeyPath => Path.Combine(_folder, "participants", "0", "sealing.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_participant_loads_the_share_that_was_dealt_to_it_and_no_other()
    {
        using GroupDirectory seats = Load();
        Assert.Equal(SeatSet.Of(new SeatId(0)), seats.StandingOf(_group).HeldSeats);
        Assert.Equal(seats.StandingOf(_group).Group!.PublicShare(new SeatId(0)), seats.ShareOf(_group, new SeatId(0))!.PublicShare);
        Assert.Null(seats.ShareOf(_group, new SeatId(1)));
    }

    [Fact]
    public void Keys_and_seats_are_written_for_their_owner_alone()
    {
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(_folder, "participants"), "*", SearchOption.AllDirectories),
            static path => Assert.Equal(OwnerOnly, File.GetUnixFileMode(path)));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_sealing_key_that_others_may_touch_is_refused(UnixFileMode exposed)
    {
        File.SetUnixFileMode(KeyPath, OwnerOnly | exposed);
        Refused("key_file_exposed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcd")]
    [InlineData("zz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000000000000")]
    public void A_file_that_is_no_key_is_refused_without_showing_what_is_in_it(string content)
    {
        File.WriteAllText(KeyPath, content);
        DataDirectoryException refused = Refused("file_invalid");
        Assert.True(content.Length == 0 || !refused.ToString().Contains(content, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_may_end_with_a_line_end()
    {
        File.AppendAllText(KeyPath, "\r\n");
        Load().Dispose();
    }

    [Fact]
    public void Seats_sealed_under_another_key_are_refused()
    {
        File.WriteAllText(KeyPath, new string('7', 64));
        Refused("file_invalid");
    }

    [Fact]
    public void A_missing_key_is_said()
    {
        File.Delete(KeyPath);
        Refused("data_missing");
    }

    [Fact]
    public void Every_altered_byte_of_a_sealed_share_is_refused()
    {
        string path = SeatPath(_group, 0);
        string original = File.ReadAllText(path);
        string text = original.Split("\"sealed\": \"")[1].Split('"')[0];
        byte[] sealedShare = Convert.FromBase64String(text.Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal(12 + 32 + 16, sealedShare.Length);
        for (int index = 0; index < sealedShare.Length; index++)
        {
            byte[] altered = [.. sealedShare];
            altered[index] ^= 1;
            File.WriteAllText(path, original.Replace(text, Convert.ToBase64String(altered), StringComparison.Ordinal));
            Refused("file_invalid");
        }
    }

    [Fact]
    public void A_seat_file_cannot_stand_in_for_another_group_or_seat()
    {
        string own = File.ReadAllText(SeatPath(_group, 0));
        File.WriteAllText(SeatPath(_other, 0), own.Replace(_group.ToString(), _other.ToString(), StringComparison.Ordinal));
        Refused("file_invalid");
        File.WriteAllText(SeatPath(_other, 0), own.Replace("\"seat\": 0", "\"seat\": 1", StringComparison.Ordinal));
        Refused("file_invalid");
    }

    [Fact]
    public void A_group_file_whose_public_share_does_not_follow_from_the_commitments_is_refused()
    {
        string path = Path.Combine(_folder, "participants", "0", "groups", $"{_group}.json");
        using GroupDirectory seats = Load();
        string first = seats.StandingOf(_group).Group!.PublicShare(new SeatId(1))!.Value.ToString();
        string second = seats.StandingOf(_group).Group!.PublicShare(new SeatId(2))!.Value.ToString();
        File.WriteAllText(path, File.ReadAllText(path).Replace(first, second, StringComparison.Ordinal));
        Refused("file_invalid");
    }

    private string SeatPath(GroupId group, int seat) => Path.Combine(_folder, "participants", "0", "seats", $"{group}-{seat}.json");

    private GroupDirectory Load() => GroupDirectory.Load(new NodeDirectory(Path.Combine(_folder, "participants", "0")), new SigningPolicy());

    private DataDirectoryException Refused(string code)
    {
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => Load().Dispose());
        Assert.Equal(code, refused.Code);
        return refused;
    }
}
