//! Pictures made smaller, once, in a few sizes. What is served of them was drawn anew here, so that nothing of what a
//! file carries besides its pixels goes out with it.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use serde::Deserialize;
use trellis_metadata::media::MediaType;
use trellis_storage::files::{Key, Store};

use super::{Attachment, Refusal};
use crate::{Error, Runtime, Tenant};

/// Pixels of a picture that is decoded at all: what a camera makes, not what a bomb unpacks to.
const MAX_PIXELS: u64 = 50_000_000;
/// Bytes its decoder may take.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;
const QUALITY: u8 = 82;

/// A picture no wider and no higher than so many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// For lists: 160.
    Thumb,
    /// For a record on a phone: 640.
    Small,
    /// For a screen: 1,600.
    Large,
}

impl Variant {
    pub fn name(self) -> &'static str {
        match self {
            Variant::Thumb => "thumb",
            Variant::Small => "small",
            Variant::Large => "large",
        }
    }

    fn side(self) -> u32 {
        match self {
            Variant::Thumb => 160,
            Variant::Small => 640,
            Variant::Large => 1_600,
        }
    }
}

/// A picture as it goes out.
#[derive(Debug)]
pub struct Picture {
    pub media: MediaType,
    pub bytes: Vec<u8>,
}

/// The picture in this size, from where it was kept or made now; `None` where the bytes of the file are missing.
/// Computes for up to a second.
pub fn picture(
    runtime: &Runtime,
    tenant: &Tenant,
    attachment: &Attachment,
    variant: Variant,
) -> Result<Option<Picture>, Error> {
    let store = runtime.storage.file_store();
    let whole = Key::new(tenant.handle.id(), attachment.id);
    let key = Key { variant: Some(variant.name()), ..whole };
    if let Some(bytes) = read(&**store, key)? {
        let is_png = bytes.starts_with(b"\x89PNG");
        return Ok(Some(Picture { media: if is_png { MediaType::Png } else { MediaType::Jpeg }, bytes }));
    }
    let Some(bytes) = read(&**store, whole)? else { return Ok(None) };
    let picture = shrink(&bytes, attachment.media, variant.side())?;
    let mut made = runtime.storage.receive()?;
    made.push(&picture.bytes)?;
    store.put(key, made)?;
    Ok(Some(picture))
}

fn read(store: &dyn Store, key: Key) -> Result<Option<Vec<u8>>, Error> {
    let Some(size) = store.size(key)? else { return Ok(None) };
    let size = usize::try_from(size).map_err(|_| Error::Internal("a picture larger than memory".into()))?;
    Ok(Some(store.read(key, 0, size)?))
}

/// Can a picture be made of these bytes, as far as its head says.
pub(super) fn check(bytes: &[u8], media: MediaType) -> Result<(), Refusal> {
    decoder(bytes, media).map(drop)
}

fn decoder(bytes: &[u8], media: MediaType) -> Result<impl ImageDecoder + '_, Refusal> {
    let format = match media {
        MediaType::Jpeg => ImageFormat::Jpeg,
        MediaType::Png => ImageFormat::Png,
        MediaType::Webp => ImageFormat::WebP,
        _ => return Err(Refusal::NoPicture { limit: MAX_PIXELS }),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|_| Refusal::NoPicture { limit: MAX_PIXELS })?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if (1..=MAX_PIXELS).contains(&pixels) { Ok(decoder) } else { Err(Refusal::NoPicture { limit: MAX_PIXELS }) }
}

/// Drawn anew, upright, within a square of this side; a smaller picture keeps its size.
fn shrink(bytes: &[u8], media: MediaType, side: u32) -> Result<Picture, Refusal> {
    let unreadable = |_| Refusal::NoPicture { limit: MAX_PIXELS };
    let mut decoder = decoder(bytes, media)?;
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    if image.width().max(image.height()) > side {
        image = image.thumbnail(side, side);
    }
    image.apply_orientation(orientation);
    let mut bytes = Vec::new();
    let media = if image.color().has_alpha() {
        image.into_rgba8().write_with_encoder(PngEncoder::new(&mut bytes)).map_err(unreadable)?;
        MediaType::Png
    } else {
        image.into_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).map_err(unreadable)?;
        MediaType::Jpeg
    };
    Ok(Picture { media, bytes })
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Rgb, Rgba};

    use super::*;

    fn size(picture: &Picture) -> (u32, u32) {
        decoder(&picture.bytes, picture.media).map(|decoder| decoder.dimensions()).unwrap()
    }

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_fit_and_keep_their_shape() {
        let plain = DynamicImage::from(ImageBuffer::from_pixel(400, 200, Rgb([200_u8, 100, 50])));
        let clear = DynamicImage::from(ImageBuffer::from_pixel(30, 90, Rgba([0_u8, 0, 0, 0])));
        let rows = [
            (&plain, ImageFormat::Jpeg, MediaType::Jpeg, 160, (160, 80), MediaType::Jpeg),
            (&plain, ImageFormat::Png, MediaType::Png, 640, (400, 200), MediaType::Jpeg),
            (&plain, ImageFormat::WebP, MediaType::Webp, 100, (100, 50), MediaType::Jpeg),
            (&clear, ImageFormat::Png, MediaType::Png, 45, (15, 45), MediaType::Png),
        ];
        for (image, format, media, side, expected, kept_as) in rows {
            let picture = shrink(&written(image, format), media, side).unwrap();
            assert_eq!((size(&picture), picture.media), (expected, kept_as), "{format:?} {side}");
        }
    }

    #[test]
    fn what_is_broken_or_enormous_is_refused() {
        let sound = written(&DynamicImage::new_rgb8(50, 50), ImageFormat::Png);
        let mut enormous = sound.clone();
        // Width and height in the head of a PNG.
        enormous[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        for (bytes, media) in [
            (enormous.as_slice(), MediaType::Png),
            (&sound[..20], MediaType::Png),
            (sound.as_slice(), MediaType::Jpeg),
            (b"\xff\xd8\xff", MediaType::Jpeg),
            (b"", MediaType::Webp),
            (b"GIF89a", MediaType::Gif),
        ] {
            assert!(check(bytes, media).is_err(), "{media:?}");
        }
        assert!(check(&sound, MediaType::Png).is_ok());
        assert!(shrink(&sound[..60], MediaType::Png, 10).is_err(), "half a picture");
    }
}
