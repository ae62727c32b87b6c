/*
 * loa-player: plays one channel of 16-bit sound on an ALSA device, and can take back what it has not played yet.
 *
 *   loa-player DEVICE RATE BUFFER_FRAMES START_FRAMES
 *
 * Standard input: messages, each begun by a 32-bit word (little endian): kind << 24 | length.
 *   1  sound      `length` frames (S16_LE) follow: those after the last ones written
 *   2  take back  `length` is 8: a 64-bit frame follows; what was written from it on is void, the next sound begins there
 *   3  look       `length` is 0: asks where the card is
 * Frames are counted from the first one written; they stay what they are: where the card has passed the frame of a `take
 * back` already, the sound up to where it is is passed over.
 *
 * Standard output: lines.
 *   ready BUFFER_FRAMES rewind|forward   the card is open, sound may come; `forward` where nothing can be taken back
 *   at FRAME NS                          this frame is at the loudspeaker at this instant of CLOCK_MONOTONIC
 *   back FRAME                           the next sound written will be heard from this frame on
 *   idle FRAME                           it does not play, and waits for this frame
 *   dry FRAME                            the card ran dry before this frame
 *   gone FRAME TEXT                      the card is lost; the last frame that was seen to be heard; the program ends
 * Standard error: why it ended.
 *
 * libasound is loaded, not linked: one source is compiled for every architecture with no library of it at hand.
 * ALSA's rewinding: alsa-lib, PCM interface, snd_pcm_rewind, snd_pcm_rewindable.
 */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often it looks whether the card is still there and fed, when nothing comes. */
#define LOOK_MS 30
/* What lies nearer than this to the loudspeaker is not taken back: the card may have fetched it. */
#define SAFE_US 4000
#define LONGEST_MESSAGE (1 << 20)
#define WAIT_FOR_CARD_MS 1000

#define CALLS(do) \
  do(snd_pcm_open) do(snd_pcm_close) do(snd_pcm_hw_params_malloc) do(snd_pcm_hw_params_free) do(snd_pcm_hw_params_any) \
  do(snd_pcm_hw_params_set_access) do(snd_pcm_hw_params_set_format) do(snd_pcm_hw_params_set_channels) \
  do(snd_pcm_hw_params_set_rate) do(snd_pcm_hw_params_set_buffer_size_near) \
  do(snd_pcm_hw_params_set_period_size_near) do(snd_pcm_hw_params) do(snd_pcm_hw_params_get_buffer_size) \
  do(snd_pcm_sw_params_malloc) do(snd_pcm_sw_params_free) do(snd_pcm_sw_params_current) \
  do(snd_pcm_sw_params_get_boundary) do(snd_pcm_sw_params_set_start_threshold) do(snd_pcm_sw_params_set_avail_min) do(snd_pcm_sw_params) \
  do(snd_pcm_prepare) do(snd_pcm_start) do(snd_pcm_state) do(snd_pcm_writei) do(snd_pcm_avail_delay) \
  do(snd_pcm_rewindable) do(snd_pcm_rewind) do(snd_pcm_wait) do(snd_pcm_dump) do(snd_output_buffer_open) \
  do(snd_output_buffer_string) do(snd_output_close) do(snd_strerror)

static struct {
#define DECLARE(name) __typeof__(name) *name;
  CALLS(DECLARE)
} alsa;

static struct {
  snd_pcm_t *pcm;
  unsigned rate;
  snd_pcm_uframes_t start_frames;
  int64_t written;   /* the frame after the last one that the card was given */
  int64_t pass_over; /* frames of the sound to come that the card has passed */
  int64_t heard;     /* the last frame seen at the loudspeaker */
  bool running;
} player;

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *text, ...) {
  va_list arguments;
  va_start(arguments, text);
  vfprintf(stderr, text, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

/* A line at once: the reader waits for it. */
__attribute__((format(printf, 1, 2))) static void tell(const char *text, ...) {
  va_list arguments;
  va_start(arguments, text);
  vprintf(text, arguments);
  va_end(arguments);
  putchar('\n');
  if (fflush(stdout) != 0) exit(0); /* nobody listens any more */
}

static int64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void load_alsa(void) {
  void *library = dlopen("libasound.so.2", RTLD_NOW);
  if (!library) fail("libasound cannot be loaded: %s", dlerror());
#define LOAD(name) \
  if (!(alsa.name = (__typeof__(name) *)dlsym(library, #name))) fail("libasound lacks %s", #name);
  CALLS(LOAD)
}

static void must(int error, const char *what) {
  if (error < 0) fail("%s: %s", what, alsa.snd_strerror(error));
}

/* The card is lost: a device that was pulled out, a driver that failed. */
__attribute__((noreturn)) static void lose(int error) {
  tell("gone %" PRId64 " %s", player.heard, alsa.snd_strerror(error));
  exit(1);
}

/* A sound server takes what it is given: rewinding ALSA's end of it would take nothing back. */
static bool is_sound_server(void) {
  snd_output_t *output;
  char *text = NULL;
  if (alsa.snd_output_buffer_open(&output) < 0) return true;
  alsa.snd_pcm_dump(player.pcm, output);
  size_t length = alsa.snd_output_buffer_string(output, &text);
  static const char *const servers[] = {"PulseAudio", "PipeWire", "JACK"};
  bool found = false;
  for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
    found |= text && memmem(text, length, servers[i], strlen(servers[i])) != NULL;
  alsa.snd_output_close(output);
  return found;
}

static void open_card(const char *device, snd_pcm_uframes_t buffer_frames) {
  must(alsa.snd_pcm_open(&player.pcm, device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK), device);
  snd_pcm_hw_params_t *hardware;
  must(alsa.snd_pcm_hw_params_malloc(&hardware), "memory");
  must(alsa.snd_pcm_hw_params_any(player.pcm, hardware), "no configuration of the card");
  must(alsa.snd_pcm_hw_params_set_access(player.pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED), "interleaved access");
  must(alsa.snd_pcm_hw_params_set_format(player.pcm, hardware, SND_PCM_FORMAT_S16_LE), "16 bits");
  must(alsa.snd_pcm_hw_params_set_channels(player.pcm, hardware, 1), "one channel");
  must(alsa.snd_pcm_hw_params_set_rate(player.pcm, hardware, player.rate, 0), "rate");
  snd_pcm_uframes_t period = player.rate / 50;
  must(alsa.snd_pcm_hw_params_set_period_size_near(player.pcm, hardware, &period, NULL), "period");
  must(alsa.snd_pcm_hw_params_set_buffer_size_near(player.pcm, hardware, &buffer_frames), "buffer");
  must(alsa.snd_pcm_hw_params(player.pcm, hardware), "the card takes no such sound");
  must(alsa.snd_pcm_hw_params_get_buffer_size(hardware, &buffer_frames), "buffer");
  alsa.snd_pcm_hw_params_free(hardware);
  snd_pcm_sw_params_t *software;
  must(alsa.snd_pcm_sw_params_malloc(&software), "memory");
  must(alsa.snd_pcm_sw_params_current(player.pcm, software), "settings of the card");
  /* It is started by us; and nothing wakes us but what comes to be played. */
  snd_pcm_uframes_t never;
  must(alsa.snd_pcm_sw_params_get_boundary(software, &never), "boundary");
  must(alsa.snd_pcm_sw_params_set_start_threshold(player.pcm, software, never), "start");
  must(alsa.snd_pcm_sw_params_set_avail_min(player.pcm, software, buffer_frames), "waking");
  must(alsa.snd_pcm_sw_params(player.pcm, software), "settings of the card");
  alsa.snd_pcm_sw_params_free(software);
  must(alsa.snd_pcm_prepare(player.pcm), "the card cannot be prepared");
  tell("ready %lu %s", buffer_frames, is_sound_server() ? "forward" : "rewind");
}

/* Where the card is: frames that it was given and that are not heard yet. False where it is not playing. */
static bool look(bool aloud) {
  snd_pcm_sframes_t room, delay;
  if (!player.running) return false;
  int error = alsa.snd_pcm_avail_delay(player.pcm, &room, &delay);
  int64_t now = monotonic_ns();
  if (error == -EPIPE || (error == 0 && alsa.snd_pcm_state(player.pcm) == SND_PCM_STATE_XRUN)) {
    player.running = false;
    player.heard = player.written;
    tell("dry %" PRId64, player.written);
    error = alsa.snd_pcm_prepare(player.pcm);
    if (error < 0) lose(error);
    return false;
  }
  if (error < 0) lose(error);
  player.heard = player.written - delay;
  if (aloud) tell("at %" PRId64 " %" PRId64, player.heard, now);
  return true;
}

static void start_when_filled(void) {
  snd_pcm_sframes_t room, delay;
  if (player.running || alsa.snd_pcm_avail_delay(player.pcm, &room, &delay) < 0) return;
  if (delay < (snd_pcm_sframes_t)player.start_frames) return;
  int error = alsa.snd_pcm_start(player.pcm);
  if (error < 0) lose(error);
  player.running = true;
  look(true);
}

static void write_sound(const int16_t *frames, int64_t count) {
  int64_t passed = player.pass_over < count ? player.pass_over : count;
  player.pass_over -= passed;
  frames += passed;
  count -= passed;
  while (count > 0) {
    snd_pcm_sframes_t taken = alsa.snd_pcm_writei(player.pcm, frames, (snd_pcm_uframes_t)count);
    if (taken == -EPIPE) {
      look(false);
      continue;
    }
    if (taken == -EAGAIN || taken == 0) {
      /* Full: it is written further ahead than was agreed. A card that does not start, or stands still, is a lost one. */
      if (!player.running) {
        int error = alsa.snd_pcm_start(player.pcm);
        if (error < 0) lose(error);
        player.running = true;
      }
      usleep(5000);
      if (!look(false) && alsa.snd_pcm_state(player.pcm) != SND_PCM_STATE_PREPARED) lose(-EIO);
      continue;
    }
    if (taken < 0) lose((int)taken);
    player.written += taken;
    frames += taken;
    count -= taken;
    start_when_filled();
  }
}

static void take_back(int64_t from) {
  if (from < 0) from = 0;
  look(false);
  int64_t nearest = player.running ? player.heard + (int64_t)player.rate * SAFE_US / 1000000 : player.heard;
  int64_t wanted = from > nearest ? from : nearest;
  int64_t frames = player.written - wanted;
  if (frames > 0) {
    snd_pcm_sframes_t most = alsa.snd_pcm_rewindable(player.pcm);
    if (most < frames) frames = most;
    snd_pcm_sframes_t taken = frames > 0 ? alsa.snd_pcm_rewind(player.pcm, (snd_pcm_uframes_t)frames) : 0;
    if (taken > 0) player.written -= taken;
  }
  player.pass_over = player.written > from ? player.written - from : 0;
  tell("back %" PRId64, player.written);
}

/* Reads exactly so many bytes; ends the program where the writer has gone. */
static void read_fully(void *into, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t taken = read(STDIN_FILENO, (char *)into + done, length - done);
    if (taken == 0) exit(0);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) fail("standard input: %s", strerror(errno));
    done += (size_t)taken;
  }
}

static void take_message(void) {
  static int16_t sound[LONGEST_MESSAGE];
  uint32_t word;
  read_fully(&word, sizeof word);
  uint32_t kind = word >> 24, length = word & 0xffffff;
  int64_t frame;
  switch (kind) {
    case 1:
      if (length > LONGEST_MESSAGE) fail("a message of %u frames", length);
      read_fully(sound, length * sizeof *sound);
      write_sound(sound, length);
      return;
    case 2:
      if (length != sizeof frame) fail("a frame of %u bytes", length);
      read_fully(&frame, sizeof frame);
      take_back(frame);
      return;
    case 3:
      if (!look(true)) tell("idle %" PRId64, player.written);
      return;
    default:
      fail("a message of kind %u", kind);
  }
}

/* Not by strtoul: what a newer C library makes of it an older one does not have. */
static unsigned number_of(const char *word) {
  unsigned number = 0;
  const char *at = word;
  for (; *at >= '0' && *at <= '9' && number < 100000000; at++) number = number * 10 + (unsigned)(*at - '0');
  if (at == word || *at) fail("not a number: %s", word);
  return number;
}

int main(int count, char **words) {
  if (count != 5) fail("usage: loa-player DEVICE RATE BUFFER_FRAMES START_FRAMES");
  player.rate = number_of(words[2]);
  player.start_frames = number_of(words[4]);
  unsigned buffer_frames = number_of(words[3]);
  if (player.rate == 0) fail("a rate of 0");
  load_alsa();
  open_card(words[1], buffer_frames);
  for (;;) {
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    int ready = poll(&input, 1, player.running ? LOOK_MS : -1);
    if (ready < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
    if (ready > 0) take_message();
    else look(false);
  }
}
